import { describe, expect, test } from '@jest/globals';
import { type CountedStage, countNeed } from './count-again.ts';
import type { Fleet } from './fleet.ts';

const MINUTE_MS = 60_000;
const at = (minutes: number): number => 1_796_000_000_000 + minutes * MINUTE_MS;
const opened = { stage: 1, kind: 'percent', stageOpenedMs: at(0), stageFull: true } as const;
const withRoom = { ...opened, stageFull: false };
const settling = { completes: false, waitsFor: 'settle', explanation: '' } as const;
const need = (progress: CountedStage, fleet: Fleet, nowMs: number) =>
  countNeed(progress, fleet, settling, nowMs);
const counted = { members: 30, tagged: 0, stage: 1, countedMs: at(1), countBeganMs: at(1), looked: 30 };

describe('members', () => {
  test('are counted again when the count that the launch asked for does not come', () => {
    expect(need(opened, {}, at(2))).toBe('nothing');
    expect(need(opened, {}, at(2.1))).toBe('count');
  });

  test('are counted for a stage by tag, once', () => {
    const byTag = { ...opened, kind: 'tag' } as const;
    const before = { ...counted, stage: 0 };
    expect(need(byTag, before, at(1.1))).toBe('count');
    expect(need(byTag, { ...before, countAskedMs: at(1.1) }, at(1.2))).toBe('nothing');
    expect(need(byTag, { ...counted, countAskedMs: at(0.9) }, at(1.2))).toBe('nothing');
  });

  test('of a stage that is not by tag are those of the stage before, unless devices have changed since', () => {
    const before = { ...counted, stage: 0, looked: 1_000_000 };
    expect(need(opened, before, at(1.1))).toBe('count-if-changed');
    expect(need({ ...opened, kind: 'count' }, before, at(1.1))).toBe('count-if-changed');
    expect(need(opened, { ...before, countAskedMs: at(1.05) }, at(1.1))).toBe('nothing');
    expect(need(opened, { ...before, stage: 1 }, at(1.1))).toBe('nothing');
    expect(need(opened, before, at(61.1))).toBe('count');
  });

  test('are counted at once when the backend was away since the opening, and once', () => {
    const away = [{ fromMs: at(0.1), untilMs: at(0.5) }];
    const needAfter = (fleet: Fleet, progress: CountedStage = opened) =>
      countNeed(progress, fleet, settling, at(0.6), away);
    expect(needAfter({})).toBe('count');
    expect(needAfter({ countAskedMs: at(0.55) })).toBe('nothing');
    expect(needAfter({ ...counted, countedMs: at(0.2) })).toBe('nothing');
    expect(needAfter({}, { ...opened, stageOpenedMs: at(0.55) })).toBe('nothing');
  });

  test('are counted again when a clock that has been put back since noted the last count', () => {
    const ahead = { ...counted, countedMs: at(300), countBeganMs: at(300) };
    expect(need(opened, ahead, at(3))).toBe('count');
    expect(need(opened, { ...ahead, countAskedMs: at(300) }, at(3))).toBe('count');
    expect(need(opened, { ...ahead, countAskedMs: at(2) }, at(3))).toBe('nothing');
  });

  test('are counted at once when a clock that has been put back since noted the opening as well, and once', () => {
    const openedAhead = { ...opened, stageOpenedMs: at(299) };
    const ahead = { ...counted, countedMs: at(300), countBeganMs: at(300) };
    expect(need(openedAhead, ahead, at(3))).toBe('count');
    expect(need(opened, ahead, at(1))).toBe('count');
    expect(need(openedAhead, {}, at(3))).toBe('count');
    expect(need(openedAhead, { ...ahead, countAskedMs: at(2) }, at(3))).toBe('nothing');
  });

  test('are counted again once an hour whatever happened', () => {
    expect(need(opened, counted, at(61))).toBe('count-if-changed');
    expect(need(opened, counted, at(61.1))).toBe('count');
  });

  test('are counted again once a day in a last stage that has room, and once an hour in any other', () => {
    expect(need(withRoom, counted, at(61.1))).toBe('count-if-changed');
    expect(need(withRoom, counted, at(24 * 60 + 1))).toBe('count-if-changed');
    expect(need(withRoom, counted, at(24 * 60 + 1.1))).toBe('count');
    const stages = { completes: false, waitsFor: 'stages', explanation: '' } as const;
    expect(countNeed(withRoom, counted, stages, at(61.1))).toBe('count');
  });

  test('of a large fleet are counted no sooner because devices came and went while its last stage has room', () => {
    const large = { ...counted, looked: 12_000 };
    expect(need(withRoom, large, at(121))).toBe('nothing');
    expect(need(withRoom, large, at(121.1))).toBe('count-if-changed');
    expect(need(withRoom, { ...counted, looked: 1_000_000 }, at(24 * 60 + 1.1))).toBe('count');
  });

  test('are counted again soon after devices came or went, the sooner the fewer have to be read', () => {
    expect(need(opened, counted, at(1.4))).toBe('nothing');
    expect(need(opened, counted, at(1.6))).toBe('count-if-changed');
    const many = { ...counted, looked: 1_000 };
    expect(need(opened, many, at(11))).toBe('nothing');
    expect(need(opened, many, at(11.1))).toBe('count-if-changed');
    expect(need(opened, { ...counted, looked: 1_000_000 }, at(61))).toBe('nothing');
  });

  test('are not asked for a second time while a count is on its way, unless it gets lost', () => {
    const asked = { ...counted, countAskedMs: at(70) };
    expect(need(opened, asked, at(72))).toBe('nothing');
    expect(need(opened, asked, at(72.1))).toBe('count');
    expect(need(opened, { ...asked, countedMs: at(71) }, at(71.6))).toBe('count-if-changed');
  });

  test('are counted once more where nothing else keeps the rollout from being completed', () => {
    const last = { completes: false, waitsFor: 'count', explanation: '' } as const;
    expect(countNeed(opened, counted, last, at(1.1))).toBe('count');
    expect(countNeed(opened, { ...counted, countAskedMs: at(1.1) }, last, at(1.2))).toBe('nothing');
  });
});
