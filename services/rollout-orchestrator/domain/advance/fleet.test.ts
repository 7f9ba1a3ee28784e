import { describe, expect, test } from '@jest/globals';
import { documentWith } from '../document/testing/document-with.ts';
import { type Fleet, fleetCounted, fleetNow, stageCeilingOf, taggedOf } from './fleet.ts';

const document = documentWith({
  stages: [
    { name: 'early', percent: 5 },
    { name: 'all', percent: 100 },
  ],
});
const at = (stage: number, fleet: Fleet) => ({ document, progress: { stage }, fleet });

describe('the open stage', () => {
  test('exposes its share of the members, and nobody before they are counted', () => {
    expect(stageCeilingOf(at(0, {}))).toBe(0);
    expect(stageCeilingOf(at(0, { members: 1_000 }))).toBe(50);
    expect(stageCeilingOf(at(1, { members: 1_000 }))).toBe(1_000);
  });

  test('knows who carries its tag from a count for that very stage alone', () => {
    expect(taggedOf(at(1, { stage: 1, tagged: 7 }))).toBe(7);
    expect(taggedOf(at(1, { stage: 0, tagged: 7 }))).toBeUndefined();
  });
});

describe('who is held back', () => {
  const fleet: Fleet = { members: 90, heldBack: 10 };
  const holdOut = { share: 100_000, untilMs: 500 };

  test.each([
    ['is no member until the hold-out ends', 1, 499, fleet],
    ['is one at its end, in the last stage', 1, 500, { members: 100, heldBack: 0 }],
    ['waits for the last stage to open', 0, 500, fleet],
  ])('%s', (_, stage, nowMs, expected) => {
    expect(fleetNow({ ...at(stage, fleet), holdOut }, nowMs)).toEqual(expected);
  });

  test('is nobody where nothing is, or nobody was counted', () => {
    expect(fleetNow(at(1, fleet), 500)).toBe(fleet);
    expect(fleetNow({ ...at(1, {}), holdOut }, 500)).toEqual({});
  });
});

test('who took part before a tag stage is told by its first count', () => {
  const again = { stage: 1, tagged: 9, taggedBefore: 6 };
  expect(fleetCounted({ stage: 1, taggedBefore: 2 }, again)).toEqual({ ...again, taggedBefore: 2 });
  expect(fleetCounted({ stage: 0, taggedBefore: 2 }, again)).toBe(again);
  expect(fleetCounted({ stage: 1 }, again)).toBe(again);
});
