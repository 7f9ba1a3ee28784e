import type { RolloutCost } from '../api/cost.ts';
import type { AttemptCounts, RolloutView } from '../api/rollouts.ts';
import type { ExamplesOf } from './api.ts';

const rollout = '01JD4Z6Q7R8S9T0V1W2X3Y4Z5D';
const one = { params: { rollout } };
const withReason = { ...one, body: { reason: 'support reports flicker' } };
const counts: AttemptCounts = {
  granted: 1,
  installing: 2,
  good: 40,
  failed: 1,
  reverted: 1,
  silent: 1,
  lost: 0,
  void: 2,
  transient: 1,
  excused: 1,
  recovered: 1,
};
const halt = { failureRate: '0.1%', lostRate: '5%', falseHalt: '0.1%', silentAfter: '30m' };
const document = {
  release: 'cam/2.1.0',
  selector: 'all',
  stages: [
    { name: 'canary', percent: '5%' },
    { name: 'all', percent: '100%' },
  ],
  halt,
};
const running: RolloutView = {
  rollout,
  release: 'cam/2.1.0',
  state: 'running',
  createdAtMs: 1_780_000_000_000,
  launchedAtMs: 1_780_000_100_000,
  document,
  members: 1000,
  stages: [
    { name: 'canary', state: 'passed', ceiling: 50, gate: 'passed' },
    { name: 'all', state: 'open', ceiling: 1000 },
  ],
  counts,
  cohorts: [{ hardware: 'cam-rev-b', from: '2.0.0', counts }],
  window: { size: 20, used: 20, blockedBy: 'window' },
  evidence: [
    { scope: 'pooled', kind: 'failed', bad: 3, exposed: 52, share: 0.4 },
    { scope: 'cam-rev-b from 2.0.0', kind: 'lost', bad: 0, exposed: 52, share: 0 },
  ],
  haltsAt: '2 of 12, 3 of 68',
};
const { launchedAtMs: _never, ...unlaunched } = running;
const draft: RolloutView = {
  ...unlaunched,
  state: 'draft',
  members: 0,
  stages: [{ name: 'canary', state: 'waiting' }],
  cohorts: [],
  window: { size: 10, used: 0 },
  evidence: [],
};
const counting: RolloutView = { ...draft, preview: { state: 'counting' } };
const counted: RolloutView = {
  ...draft,
  preview: {
    state: 'counted',
    count: {
      countedAtMs: 1_780_000_001_000,
      looked: 1500,
      unreadable: 1,
      ofProduct: 1200,
      members: 1000,
      heldBack: 20,
      served: 940,
      firstStage: { name: 'canary', tag: 'beta', devices: 50, served: 50 },
      notServed: [
        { rule: 'no-artifact', devices: 50 },
        { rule: 'already-running', devices: 10 },
      ],
      cohorts: [
        { hardware: 'cam-rev-b', from: '2.0.0', devices: 950, served: 940 },
        { hardware: 'cam-rev-a', devices: 50, served: 0 },
      ],
      otherCohorts: 0,
    },
  },
};
const countingAgain: RolloutView = {
  ...counted,
  preview: { ...counted.preview, state: 'counting' },
};
const unbuilt: RolloutView = {
  ...counted,
  preview: {
    state: 'counted',
    ...(counted.preview?.count && { count: { ...counted.preview.count, withoutArtifact: 50 } }),
  },
};
const tooMany: RolloutView = {
  ...draft,
  preview: { state: 'not-counted', reason: 'too many drafts were made' },
};
const documentSha256 = 'd'.repeat(64);
const given = [{ by: 'operator:bob', atMs: 1_780_000_050_000 }];
const waiting: RolloutView = {
  ...draft,
  document: { ...document, approvals: 2 },
  approvals: { needed: 2, missing: 1, given, documentSha256 },
};
const holding: RolloutView = {
  ...running,
  holdOut: { share: '2%', untilMs: 1_781_209_700_000, heldBack: 20 },
};
const paused: RolloutView = { ...running, state: 'paused', reason: 'support reports flicker' };
const halted: RolloutView = {
  ...running,
  state: 'halted',
  reason: 'cohort cam-rev-b from 2.0.0: 2 of 10 bad (failed, reverted or silent)',
};
const aborted: RolloutView = { ...running, state: 'aborted', reason: 'support reports flicker' };
const unreadable: RolloutView = {
  ...paused,
  reason: 'its counters cannot be read: 1.good: must be a whole number from 0, not -1',
  unreadable: '1.good: must be a whole number from 0, not -1',
  members: 0,
  counts: { ...counts, granted: 52, installing: 0, good: 0, failed: 0, silent: 0 },
  cohorts: [],
  window: { size: 0, used: 0, blockedBy: 'paused' },
  evidence: [],
};
const stalled: RolloutView = { ...running, stalled: true, reason: '3 of 25 confirmed in stage canary' };
const completed: RolloutView = { ...running, state: 'completed' };

const modelled: RolloutCost = {
  rollout,
  basis: 'modelled',
  prices: 'AWS list prices',
  devices: 0,
  update: [],
  control: [],
  meanwhile: [],
  standing: [{ what: 'connections', dollars: 3_456, note: '43,200 minutes' }],
  assumptions: ['messages to devices go with QoS 0'],
};
const terms = [{ term: 'IoT Core messages', units: 400, dollars: 0.0004 }];
const metered: RolloutCost = {
  ...modelled,
  basis: 'metered',
  devices: 200,
  updateDollarsPerMillion: 2,
  update: [{ step: 'offer', text: 'offers', count: 200, dollars: 0.0004, dollarsPerMillion: 2, terms }],
  control: [{ step: 'control', text: 'control', count: 3, dollars: 0.0001, terms }],
  meanwhile: [
    { step: 'checkForUpdate', text: 'idle checks', count: 9, dollars: 0.0001, dollarsPerMillion: 0.6, terms },
  ],
};

/** Examples of the rollout routes. */
export const ROLLOUT_ROUTES: ExamplesOf<
  | 'createRollout'
  | 'approveRollout'
  | 'countDraft'
  | 'launchRollout'
  | 'pauseRollout'
  | 'resumeRollout'
  | 'abortRollout'
  | 'openStage'
  | 'getRollout'
  | 'getRolloutCost'
  | 'listRollouts'
> = {
  createRollout: {
    request: {
      yaml: { body: { document: "release: cam/2.1.0\nselector: 'all'\n" } },
      object: { body: { document } },
    },
    answer: { draft, waiting, counting, tooMany },
  },
  approveRollout: { request: { one: { ...one, body: { documentSha256 } } }, answer: { waiting } },
  countDraft: { request: { one }, answer: { counting, countingAgain } },
  launchRollout: { request: { one }, answer: { running, holding } },
  pauseRollout: { request: { withReason }, answer: { paused } },
  resumeRollout: {
    request: {
      paused: withReason,
      halted: {
        ...one,
        body: { reason: 'a power cut', excuse: { devices: ['cam-0001'], reasons: ['battery'] } },
      },
    },
    answer: { running },
  },
  abortRollout: { request: { withReason }, answer: { aborted } },
  openStage: {
    request: { withReason, named: { ...one, body: { reason: 'support reports flicker', stage: 'all' } } },
    answer: { running },
  },
  getRollout: {
    request: { one },
    answer: {
      draft,
      waiting,
      counting,
      counted,
      countingAgain,
      unbuilt,
      tooMany,
      running,
      holding,
      paused,
      halted,
      aborted,
      unreadable,
      stalled,
      completed,
    },
  },
  getRolloutCost: { request: { one }, answer: { metered, modelled } },
  listRollouts: {
    request: { first: {}, next: { query: { limit: '20', cursor: 'cm9sbG91dA' } } },
    answer: {
      page: {
        rollouts: [{ rollout, release: 'cam/2.1.0', state: 'running', createdAtMs: 1_780_000_000_000 }],
        cursor: 'cm9sbG91dA',
      },
      stalled: {
        rollouts: [
          { rollout, release: 'cam/2.1.0', state: 'running', stalled: true, createdAtMs: 1_780_000_000_000 },
        ],
      },
      last: { rollouts: [] },
    },
  },
};
