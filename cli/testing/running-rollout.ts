import type { AttemptCounts, RolloutView } from '#shared/contracts/api/rollouts.ts';

const COUNTS: AttemptCounts = {
  granted: 2,
  installing: 2,
  good: 35,
  failed: 0,
  reverted: 0,
  silent: 1,
  lost: 0,
  void: 3,
  transient: 0,
  excused: 0,
  recovered: 0,
};

/** A rollout in the middle of its second stage, with one silent device. */
export function runningRollout(overrides: Partial<RolloutView> = {}): RolloutView {
  return {
    rollout: '01JD4Z6Q7R8S9T0V1W2X3Y4Z5D',
    release: 'cam/2.1.0',
    state: 'running',
    createdAtMs: Date.UTC(2026, 0, 1),
    launchedAtMs: Date.UTC(2026, 0, 1),
    document: { release: 'cam/2.1.0', selector: 'all' },
    members: 1000,
    stages: [
      { name: 'bench', state: 'passed', ceiling: 5 },
      { name: 'canary', state: 'open', ceiling: 100, gate: '35 of 50 confirmed' },
      { name: 'all', state: 'waiting', ceiling: 1000 },
    ],
    counts: COUNTS,
    cohorts: [{ hardware: 'cam-rev-b', from: '2.0.0', counts: COUNTS }],
    window: { size: 30, used: 8, blockedBy: 'window full' },
    evidence: [
      { scope: 'pooled', kind: 'failed', bad: 1, exposed: 40, share: 0.4 },
      { scope: 'cam-rev-b from 2.0.0', kind: 'failed', bad: 1, exposed: 40, share: 0.62 },
      { scope: 'pooled', kind: 'lost', bad: 0, exposed: 40, share: 0 },
    ],
    haltsAt: '2 of 12, 3 of 68',
    ...overrides,
  };
}
