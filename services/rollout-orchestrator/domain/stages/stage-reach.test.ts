import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { arbitraryDocument } from '../document/testing/arbitrary-document.ts';
import { documentWith } from '../document/testing/document-with.ts';
import { ceilingOfStage, rankBound, stageAt, UNBOUNDED } from './stage-reach.ts';

const document = documentWith({
  stages: [
    { name: 'bench', tag: 'internal' },
    { name: 'canary', count: 100 },
    { name: 'early', percent: 5 },
    { name: 'vip', tag: 'vip' },
    { name: 'all', percent: 100 },
  ],
});
const ceilings = (members: number): number[] =>
  document.stages.map((_, index) => ceilingOfStage(document, index, members));

describe('the ceiling of a stage', () => {
  test('is its count, or its share of the members rounded up, and for tags there is none', () => {
    expect(ceilings(10_000)).toEqual([UNBOUNDED, 100, 500, UNBOUNDED, 10_000]);
    expect(ceilings(10_001)).toEqual([UNBOUNDED, 100, 501, UNBOUNDED, 10_001]);
  });

  test('never falls below that of a stage before, whatever the fleet', () => {
    expect(ceilings(20)).toEqual([UNBOUNDED, 100, 100, UNBOUNDED, 100]);
    fc.assert(
      fc.property(arbitraryDocument, fc.integer({ min: 0, max: 10_000_000 }), (any, members) => {
        let highest = 0;
        for (const [index, stage] of any.stages.entries()) {
          const ceiling = ceilingOfStage(any, index, members);
          expect(ceiling).toBeGreaterThanOrEqual(highest);
          if (stage.kind !== 'tag') highest = ceiling;
        }
      }),
    );
  });

  test.each([-1, 5, 0.5, Number.NaN])('of stage %p, which is none, is not guessed', (index) => {
    expect(() => ceilingOfStage(document, index, 100)).toThrow(RangeError);
    expect(() => stageAt(document, index)).toThrow(RangeError);
  });
});

describe('the ranks that a stage reaches', () => {
  const early = stageAt(document, 2);

  test('are its share where that is a thousand devices', () => {
    expect(rankBound(early, 20_000)).toBe(0.05);
    expect(rankBound(early, 1_000_000)).toBe(0.05);
  });

  test('are all below a thousand: first come, first served', () => {
    expect(rankBound(early, 19_980)).toBe(1);
    expect(rankBound(early, 20)).toBe(1);
  });

  test('are all for counts and tags', () => {
    expect(rankBound(stageAt(document, 1), 1_000_000)).toBe(1);
    expect(rankBound(stageAt(document, 0), 1_000_000)).toBe(1);
  });
});
