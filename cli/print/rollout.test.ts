import { describe, expect, test } from '@jest/globals';
import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import { runningRollout } from '../testing/running-rollout.ts';
import { cohortsText, failuresText, rolloutText, summaryLine } from './rollout.ts';

describe('a rollout', () => {
  test('says who is held back, and who has approved', () => {
    const untilMs = Date.UTC(2026, 0, 15);
    const view = runningRollout({
      holdOut: { share: '2%', untilMs, heldBack: 20 },
      approvals: {
        needed: 2,
        missing: 1,
        given: [{ by: 'operator:bob', atMs: untilMs }],
        documentSha256: 'a'.repeat(64),
      },
    });
    const text = rolloutText(view, untilMs - 1);
    expect(text).toMatch(/hold-out +2% of the devices, until 2026-01-15 00:00:00Z; 20 held back\n/);
    expect(text).toMatch(/approvals +1 of 2: operator:bob; 1 missing\n/);
    expect(rolloutText(view, untilMs)).toMatch(/hold-out +2% of the devices, over since 2026-01-15/);
  });

  const view = runningRollout();

  test('says its stages, window, evidence and where it halts', () => {
    const text = rolloutText(view, view.createdAtMs + 3_600_000);
    expect(text).toContain('halts at  2 of 12, 3 of 68');
    expect(text).toMatch(/✓ bench +█{24} 5\/5/);
    expect(text).toMatch(/> canary +█+░+ 40\/100 {2}35 of 50 confirmed/);
    expect(text).toMatch(/ {2}all +░{24} 40\/1000/);
    expect(text).toContain('window    8 of 30 used (window full)');
    expect(text).toMatch(/cam-rev-b from 2\.0\.0 +failed +1 of 40 +█+░+ 62 %/);
    expect(text).toContain('35 good, 1 silent');
    expect(text).toContain('1h ago');
  });

  test('shows the tests nearest to their line first and says how many it leaves out', () => {
    const evidence = Array.from({ length: 20 }, (_, index) => ({
      scope: `cohort ${index}`,
      kind: 'failed',
      bad: 0,
      exposed: 1,
      share: index / 20,
    })) as RolloutView['evidence'];
    const text = rolloutText({ ...view, evidence });
    expect(text).toContain('cohort 19');
    expect(text).not.toContain('cohort 11 ');
    expect(text).toContain('and 12 farther from their line');
  });

  test('as one line says what matters while it runs', () => {
    expect(summaryLine(view)).toBe(
      'running: stage canary, 40 of 100 exposed, 35 good, 1 bad, 4 on the way, window 8/30',
    );
    expect(summaryLine({ ...view, state: 'halted', reason: '2 of 10 bad' })).toMatch(
      /^halted: .*, 2 of 10 bad$/,
    );
  });

  test('counts a stage by the members that there are, not by a ceiling above them', () => {
    expect(summaryLine({ ...view, members: 60 })).toContain('40 of 60 exposed');
  });

  test('never says more exposed than there are, when devices that were excused try once more', () => {
    const counts = { ...view.counts, good: 10, excused: 3, granted: 0, installing: 0, silent: 0, failed: 0 };
    const all = { ...view, members: 10, stages: [], counts };
    expect(summaryLine(all)).toContain(' 10 of 10 exposed,');
  });

  test('counts attempts by cohort, with a sum where there are several', () => {
    const [cohort] = view.cohorts;
    expect(cohortsText(view).trimEnd().split('\n')).toHaveLength(2);
    const two = {
      ...view,
      cohorts: [...view.cohorts, ...(cohort ? [{ ...cohort, hardware: 'cam-rev-c' }] : [])],
    };
    expect(cohortsText(two)).toMatch(/\nall /);
  });

  test('without failures says so, and never while some have no reason yet', () => {
    const none = { ...view.counts, failed: 0, silent: 0 };
    expect(failuresText([], none)).toBe('no failures\n');
    const two = failuresText([], { ...none, failed: 2 });
    expect(two).toBe('reasons of 2 are not counted yet: look again in a minute\n');
    const one = { reason: 'flash-write', hardware: 'cam-rev-b', version: '2.1.0', count: 3 };
    expect(failuresText([one], { ...none, failed: 3 })).toMatch(/flash-write +cam-rev-b +2\.1\.0 +3\n$/);
    expect(failuresText([one], { ...none, failed: 3 })).toMatch(/^FAILURE +HARDWARE +VERSION +ATTEMPTS\n/);
    expect(failuresText([one], { ...none, failed: 4 })).toMatch(/3\nreasons of 1 are not counted yet/);
  });

  test('a rollout that has stalled says so, and why', () => {
    const why = '3 of 50 confirmed in stage canary';
    const view = runningRollout({ stalled: true, reason: why });
    expect(rolloutText(view)).toContain(`state     running, stalled: ${why}\n`);
    expect(summaryLine(view)).toContain(`stalled: ${why}`);
    expect(rolloutText(runningRollout())).not.toContain('stalled');
  });
});
