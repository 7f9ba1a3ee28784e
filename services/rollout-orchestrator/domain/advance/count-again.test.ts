import { describe, expect, test } from '@jest/globals';
import { countNeed } from './count-again.ts';

const MINUTE_MS = 60_000;
const at = (minutes: number): number => 1_796_000_000_000 + minutes * MINUTE_MS;
const opened = { stage: 1, stageOpenedMs: at(0) };
const counted = { members: 30, tagged: 0, stage: 1, countedMs: at(1), countBeganMs: at(1), looked: 30 };

describe('members', () => {
  test('are counted again when the count that the opening asked for does not come', () => {
    expect(countNeed(opened, {}, at(2))).toBe('nothing');
    expect(countNeed(opened, {}, at(2.1))).toBe('count');
    expect(countNeed(opened, { ...counted, stage: 0 }, at(2.1))).toBe('count');
  });

  test('are counted again once an hour whatever happened', () => {
    expect(countNeed(opened, counted, at(61))).toBe('count-if-changed');
    expect(countNeed(opened, counted, at(61.1))).toBe('count');
  });

  test('are counted again soon after devices came or went, the sooner the fewer have to be read', () => {
    expect(countNeed(opened, counted, at(1.4))).toBe('nothing');
    expect(countNeed(opened, counted, at(1.6))).toBe('count-if-changed');
    const many = { ...counted, looked: 1_000 };
    expect(countNeed(opened, many, at(11))).toBe('nothing');
    expect(countNeed(opened, many, at(11.1))).toBe('count-if-changed');
    expect(countNeed(opened, { ...counted, looked: 1_000_000 }, at(61))).toBe('nothing');
  });

  test('are not asked for a second time while a count is on its way, unless it gets lost', () => {
    const asked = { ...counted, countAskedMs: at(70) };
    expect(countNeed(opened, asked, at(72))).toBe('nothing');
    expect(countNeed(opened, asked, at(72.1))).toBe('count');
    expect(countNeed(opened, { ...asked, countedMs: at(71) }, at(71.6))).toBe('count-if-changed');
  });
});
