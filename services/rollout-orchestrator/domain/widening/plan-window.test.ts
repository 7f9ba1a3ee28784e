import { describe, expect, test } from '@jest/globals';
import { RETRY_COHORT } from '../counting/cohorts.ts';
import { sumShards } from '../counting/counters.ts';
import { UnreadableEvidenceError } from '../halting/unreadable-evidence.ts';
import { planWindow, type WindowSettings, type WindowState } from './plan-window.ts';

const SETTINGS: WindowSettings = {
  firstWindow: 10,
  growth: 1,
  stageCeiling: 1_000_000,
  suspectAtLeastMs: 120_000,
  failureRate: 0.001,
  lostRate: 0.05,
  falseHalt: 0.001,
};

type ByCohort = Readonly<Record<number, number>>;
const byCohort = (counts: ByCohort) =>
  new Map(Object.entries(counts).map(([cohort, n]) => [Number(cohort), n]));

/** A rollout in epoch 2, which began at time 0: so many were granted before that, so many in all. */
const state = (before: ByCohort, all: ByCohort, counts: Record<string, number> = {}): WindowState => ({
  counters: sumShards([counts]),
  gate: { epoch: 2, granted: byCohort(all) },
  marks: [
    { epoch: 1, startedMs: -60_000, granted: new Map() },
    { epoch: 2, startedMs: 0, granted: byCohort(before) },
  ],
  paceMarks: [],
});
/** When the permits of epoch 1 are young, and when they are old. */
const YOUNG_MS = 119_999;
const OLD_MS = 120_000;

const plan = (rollout: WindowState, nowMs: number, over: Partial<WindowSettings> = {}) =>
  planWindow(rollout, { ...SETTINGS, ...over }, nowMs);

describe('the window', () => {
  test('starts at firstWindow, pooled and per cohort', () => {
    const { pooled, cohorts } = plan(state({}, { 1: 4, 2: 3 }), 0);
    expect(pooled).toMatchObject({
      granted: 7,
      young: 7,
      suspects: 0,
      window: 10,
      ceiling: 10,
      room: 3,
      blockedBy: [],
    });
    expect(cohorts.get(1)).toMatchObject({ ceiling: 10, room: 6 });
    expect(cohorts.get(2)).toMatchObject({ ceiling: 10, room: 7 });
  });

  test('is not moved by a success before its slow siblings could have failed', () => {
    const proven = state({ 1: 10 }, { 1: 10 }, { '1.1.good': 9 });
    expect(plan(proven, YOUNG_MS).pooled).toMatchObject({
      young: 10,
      suspects: 0,
      room: 0,
      blockedBy: ['window'],
    });
    expect(plan(proven, OLD_MS).pooled).toMatchObject({
      young: 0,
      suspects: 1,
      window: 10,
      ceiling: 19,
      room: 9,
    });
  });

  test('grows with the good permits that are no longer young', () => {
    const proven = state({ 1: 40 }, { 1: 50 }, { '1.1.good': 40, '2.1.good': 10 });
    expect(plan(proven, OLD_MS).pooled).toMatchObject({ young: 10, window: 40, ceiling: 80, room: 30 });
    expect(plan(proven, OLD_MS, { growth: 0.5 }).pooled).toMatchObject({ window: 20, room: 10 });
    expect(plan(proven, OLD_MS, { growth: 2 }).pooled).toMatchObject({ window: 80, room: 70 });
  });

  test('gives the slots of void and transient permits back at once', () => {
    const returned = state({ 1: 10 }, { 1: 10 }, { '1.1.void': 2, '1.1.transient': 1 });
    expect(plan(returned, YOUNG_MS).pooled).toMatchObject({ young: 7, ceiling: 13, room: 3 });
    expect(plan(returned, OLD_MS).pooled).toMatchObject({ suspects: 7, ceiling: 10, room: 0 });
  });

  test('frees the slots of bad permits when they are no longer young', () => {
    const bad = state({ 1: 10 }, { 1: 10 }, { '1.1.lost': 1, '1.1.good': 8, '1.1.excused': 1 });
    expect(plan(bad, YOUNG_MS).pooled).toMatchObject({ young: 10, room: 0 });
    expect(plan(bad, OLD_MS).pooled).toMatchObject({ young: 0, suspects: 0, ceiling: 20, room: 10 });
  });

  test('counts folded epochs as old', () => {
    const folded: WindowState = {
      ...state({ 1: 30 }, { 1: 35 }, { '1.good': 30 }),
      marks: [{ epoch: 2, startedMs: 0, granted: byCohort({ 1: 30 }) }],
    };
    expect(plan(folded, 0).pooled).toMatchObject({ young: 5, suspects: 0, window: 30, room: 25 });
  });

  test('of a cohort that comes late is the first one, whatever the others have proven', () => {
    const late = state({ 1: 1_000 }, { 1: 1_000, 2: 10 }, { '1.1.good': 1_000 });
    const { pooled, cohorts } = plan(late, OLD_MS);
    expect(pooled.room).toBe(990);
    expect(cohorts.get(2)).toMatchObject({ window: 10, room: 0, blockedBy: ['window'] });
  });

  test('follows the quantile of the delays once those are longer', () => {
    const slow = state({ 1: 10 }, { 1: 10 }, { '1.1.good': 10, d25: 10 });
    expect(plan(slow, OLD_MS)).toMatchObject({ suspectAfterMs: 1_448_155, pooled: { young: 10, room: 0 } });
  });
});

describe('suspects', () => {
  const waiting = (suspects: number) => state({ 1: 40 }, { 1: 40 }, { '1.1.good': 40 - suspects });

  test('stop the window where the test would halt if they all went bad', () => {
    expect(plan(waiting(2), OLD_MS).pooled).toMatchObject({ suspects: 2, room: 36, blockedBy: [] });
    expect(plan(waiting(3), OLD_MS).pooled).toMatchObject({
      suspects: 3,
      ceiling: 40,
      room: 0,
      blockedBy: ['suspects'],
    });
    expect(plan(waiting(3), YOUNG_MS).pooled.blockedBy).toEqual(['window']);
  });

  test('add to what is bad already', () => {
    const bad = state({ 1: 40 }, { 1: 40 }, { '1.1.good': 37, '1.1.failed': 1 });
    expect(plan(bad, OLD_MS).pooled).toMatchObject({ suspects: 2, blockedBy: ['suspects'] });
  });

  test('of one cohort stop that cohort', () => {
    const one = state({ 1: 2_000, 2: 10 }, { 1: 2_000, 2: 10 }, { '1.1.good': 2_000, '1.2.good': 7 });
    const { pooled, cohorts } = plan(one, OLD_MS);
    expect(pooled.blockedBy).toEqual([]);
    expect(cohorts.get(1)?.blockedBy).toEqual([]);
    expect(cohorts.get(2)).toMatchObject({ ceiling: 10, room: 0, blockedBy: ['suspects'] });
  });
});

describe('other ceilings', () => {
  const proven = state({ 1: 40 }, { 1: 40 }, { '1.1.good': 38, '1.1.void': 2 });

  test('the stage’s counts devices exposed, so that void permits come on top', () => {
    expect(plan(proven, OLD_MS, { stageCeiling: 50 }).pooled).toMatchObject({ ceiling: 52, room: 12 });
    expect(plan(proven, OLD_MS, { stageCeiling: 38 }).pooled).toMatchObject({
      room: 0,
      blockedBy: ['stage'],
    });
  });

  test('the pace’s counts the permits of the last minute', () => {
    const marks = [{ atMs: OLD_MS - 60_000, granted: 35 }];
    const paced = plan({ ...proven, paceMarks: marks }, OLD_MS, { perMinute: 20 });
    expect(paced.pooled).toMatchObject({ ceiling: 55, room: 15 });
    expect(paced.paceMarks).toEqual([...marks, { atMs: OLD_MS, granted: 40 }]);
    const full = plan({ ...proven, paceMarks: marks }, OLD_MS, { perMinute: 5 });
    expect(full).toMatchObject({ pooled: { room: 0, blockedBy: ['pace'] }, wakeAtMs: OLD_MS + 60_000 });
  });

  test('say all that blocks', () => {
    const full = state({}, { 1: 10 });
    expect(plan(full, 0, { stageCeiling: 10, perMinute: 10 }).pooled.blockedBy).toEqual([
      'window',
      'stage',
      'pace',
    ]);
  });
});

describe('retries', () => {
  test('have a window of their own and take nothing from first attempts', () => {
    const retried = state(
      { 1: 20, [RETRY_COHORT]: 8 },
      { 1: 20, [RETRY_COHORT]: 8 },
      { '1.1.good': 20, '1.201.failed': 3 },
    );
    const { pooled, cohorts } = plan(retried, OLD_MS, { stageCeiling: 20 });
    expect(pooled).toMatchObject({ granted: 20, suspects: 0, blockedBy: ['stage'] });
    expect(cohorts.get(RETRY_COHORT)).toMatchObject({
      granted: 8,
      suspects: 5,
      window: 10,
      room: 5,
      blockedBy: [],
    });
  });
});

describe('cohorts of tag stages', () => {
  test('neither widen the pool nor hold it up by suspects', () => {
    const bench = {
      ...state({ 1: 40, 2: 5 }, { 1: 40, 2: 5 }, { '1.1.good': 40, '1.2.good': 1 }),
      unpooled: new Set([2]),
    };
    const { pooled, cohorts } = plan(bench, OLD_MS);
    expect(pooled).toMatchObject({ suspects: 4, window: 40, blockedBy: [] });
    expect(cohorts.get(2)?.blockedBy).toEqual(['suspects']);
  });

  test('widen the window of their own stage, once they are old, and no other', () => {
    const site = {
      ...state({ 1: 5, 2: 60 }, { 1: 5, 2: 60 }, { '1.1.good': 5, '1.2.good': 60 }),
      unpooled: new Set([2]),
    };
    expect(plan(site, OLD_MS, { isByTag: true }).pooled).toMatchObject({ window: 65, room: 65 });
    expect(plan(site, YOUNG_MS, { isByTag: true }).pooled).toMatchObject({ window: 10 });
    expect(plan(site, OLD_MS).pooled).toMatchObject({ window: 10, room: 10 });
  });
});

describe('suspects of many cohorts by tag', () => {
  const cohorts = [1, 2, 3, 4, 5, 6];
  const each = (count: number) => Object.fromEntries(cohorts.map((cohort) => [cohort, count]));
  const good = Object.fromEntries(cohorts.map((cohort) => [`1.${cohort}.good`, cohort < 4 ? 1 : 2]));
  const ring = { ...state(each(2), each(2), good), unpooled: new Set(cohorts) };

  test('hold up their own stage together, though in no cohort they would halt it', () => {
    const { pooled, cohorts: own } = plan(ring, OLD_MS, { hasTagStage: true, isByTag: true });
    expect(pooled).toMatchObject({ suspects: 3, blockedBy: ['suspects'], room: 0 });
    expect([...own.values()].flatMap(({ blockedBy }) => blockedBy)).toEqual([]);
  });

  test('hold up no other stage', () => {
    const { pooled } = plan(ring, OLD_MS, { hasTagStage: true });
    expect(pooled).toMatchObject({ suspects: 3, blockedBy: [] });
  });
});

describe('time', () => {
  test('says when the next permits become old, or the epoch may end', () => {
    expect(plan(state({ 1: 5 }, { 1: 5 }), 30_000).wakeAtMs).toBe(120_000);
    expect(plan(state({ 1: 5 }, { 1: 6 }), 1_000).wakeAtMs).toBe(15_000);
    expect(plan(state({ 1: 5 }, { 1: 5 }), OLD_MS).wakeAtMs).toBeUndefined();
  });
});

describe('records that contradict each other', () => {
  test.each<[string, WindowState]>([
    ['more resolved than granted', state({ 1: 2 }, { 1: 2 }, { '1.1.good': 3 })],
    ['more void than granted in young epochs', state({ 1: 2 }, { 1: 2 }, { '2.1.void': 1 })],
    ['fewer granted now than before', state({ 1: 5 }, { 1: 2 })],
    ['counts of a cohort that the gate does not know', state({}, { 1: 2 }, { '1.2.good': 1 })],
    ['no marks', { ...state({}, { 1: 2 }), marks: [] }],
  ])('are unreadable: %s', (_, rollout) => {
    expect(() => plan(rollout, OLD_MS)).toThrow(UnreadableEvidenceError);
  });
});
