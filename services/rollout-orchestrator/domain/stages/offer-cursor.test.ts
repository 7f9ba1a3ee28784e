import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Stage } from '../document/rollout-document.ts';
import { type CursorEvidence, cursorAtOpening, moveCursor, type OfferCursor } from './offer-cursor.ts';

const bench: Stage = { name: 'bench', kind: 'tag', tag: 'internal' };
const canary: Stage = { name: 'canary', kind: 'count', count: 100 };
const early: Stage = { name: 'early', kind: 'percent', share: 50_000 };
const all: Stage = { name: 'all', kind: 'percent', share: 1_000_000 };

const start: OfferCursor = { upTo: 0, movedMs: 0 };
const evidence: CursorEvidence = {
  stage: all,
  members: 100_000,
  granted: 0,
  grantedBefore: 0,
  windowSize: 10,
  room: 10,
};
const move = (change: Partial<CursorEvidence>, cursor = start, nowMs = 0): OfferCursor =>
  moveCursor(cursor, { ...evidence, ...change }, nowMs);

describe('the offer cursor', () => {
  test('offers to a hundred devices at first, and to four times the window when that is more', () => {
    expect(move({}).upTo).toBe(0.001);
    expect(move({ windowSize: 25 }).upTo).toBe(0.001);
    expect(move({ windowSize: 26 }).upTo).toBe(0.00104);
    expect(move({ granted: 500, windowSize: 500 }).upTo).toBe(0.025);
  });

  test('offers to all of a small fleet', () => {
    expect(move({ members: 100 }).upTo).toBe(1);
    expect(move({ members: 0 }).upTo).toBe(1);
  });

  test('never goes back when the window shrinks or the fleet grows', () => {
    const cursor = { upTo: 0.5, movedMs: 0 };
    expect(move({}, cursor)).toEqual(cursor);
    expect(move({ members: 10_000_000 }, cursor)).toEqual(cursor);
  });

  test('creeps on a step a minute while permits are to be had', () => {
    const first = move({});
    expect(move({}, first, 59_999)).toEqual(first);
    expect(move({}, first, 60_000)).toEqual({ upTo: 0.002, movedMs: 60_000 });
    expect(move({ room: 0 }, first, 60_000)).toEqual(first);
  });

  test('creeps a minute after it last moved, for whatever reason', () => {
    const crept = { upTo: 0.002, movedMs: 60_000 };
    expect(move({}, crept, 119_999)).toEqual(crept);
    expect(move({}, crept, 120_000).upTo).toBe(0.003);
  });

  test('creeps one step only, however long nobody looked', () => {
    expect(move({}, move({}), 86_400_000).upTo).toBe(0.002);
  });

  test('does not leave its stage, so that the next one does not begin with a storm', () => {
    let cursor = start;
    for (let minute = 0; minute < 1000; minute += 1) cursor = move({ stage: early }, cursor, minute * 60_000);
    expect(cursor.upTo).toBe(0.05);
    expect(move({ stage: early, granted: 90_000 }, cursor, 0).upTo).toBe(0.05);
  });

  test('reaches everybody in the end, even if nobody answers', () => {
    let cursor = start;
    for (let minute = 0; minute < 1000; minute += 1) cursor = move({}, cursor, minute * 60_000);
    expect(cursor.upTo).toBe(1);
  });

  test('counts only the permits of the stage while it goes through those with a tag', () => {
    const change = { stage: bench, members: 10_000, granted: 5000, grantedBefore: 4900 };
    expect(move(change).upTo).toBe(0.02);
  });

  test('goes on at the next stage, but starts anew at and after a tag stage', () => {
    const cursor = { upTo: 0.05, movedMs: 5 };
    expect(cursorAtOpening(cursor, canary, early, 9)).toEqual(cursor);
    expect(cursorAtOpening(cursor, bench, canary, 9)).toEqual({ upTo: 0, movedMs: 9 });
    expect(cursorAtOpening(cursor, early, bench, 9)).toEqual({ upTo: 0, movedMs: 9 });
  });

  test('never falls and never leaves [0, 1], whatever happens', () => {
    const change = fc.record({
      stage: fc.constantFrom(bench, canary, early, all),
      members: fc.nat(2_000_000),
      granted: fc.nat(2_000_000),
      grantedBefore: fc.constant(0),
      windowSize: fc.nat(100_000),
      room: fc.integer({ min: -10, max: 1000 }),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(change, fc.nat(120_000)), { maxLength: 30 }), (steps) => {
        let cursor = start;
        let nowMs = 0;
        for (const [step, waitMs] of steps) {
          nowMs += waitMs;
          const next = moveCursor(cursor, step, nowMs);
          expect(next.upTo).toBeGreaterThanOrEqual(cursor.upTo);
          expect(next.upTo).toBeLessThanOrEqual(1);
          cursor = next;
        }
      }),
    );
  });
});
