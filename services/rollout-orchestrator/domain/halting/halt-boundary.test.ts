import { describe, expect, test } from '@jest/globals';
import { boundaryText, haltBoundary, pooledBoundary } from './halt-boundary.ts';
import { UnreadableEvidenceError } from './unreadable-evidence.ts';

describe('haltBoundary', () => {
  test('gives one test its whole alpha: 2 of 12, 3 of 68, 4 of 180 at p0 0.1 % and alpha 0.1 %', () => {
    expect(boundaryText(haltBoundary(0.001, 0.001))).toBe('2 of 12, 3 of 68, 4 of 180');
  });

  test('gives 2 of 2, 3 of 8, 4 of 21 at p0 1 % and alpha 0.1 %', () => {
    expect(boundaryText(haltBoundary(0.01, 0.001))).toBe('2 of 2, 3 of 8, 4 of 21');
  });

  test('is tighter for the pooled test of a rollout, which owns 85 % of its alpha', () => {
    expect(boundaryText(pooledBoundary(0.001, 0.001))).toBe('2 of 11, 3 of 64, 4 of 172');
    expect(pooledBoundary(0.001, 0.001)).toEqual(haltBoundary(0.001, 0.00085));
  });

  test('skips numbers of bad devices that cannot halt at any exposure', () => {
    expect(haltBoundary(0.05, 0.001)[0]).toEqual({ bad: 3, exposed: 3 });
  });

  test.each([0, 1, -0.1, Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses %p as a chance of a false halt',
    (alpha) => {
      expect(() => haltBoundary(0.001, alpha)).toThrow(UnreadableEvidenceError);
    },
  );

  test.each([0, -0.001, 0.84, 1, Number.NaN])('refuses %p as a tolerated rate', (p0) => {
    expect(() => haltBoundary(p0, 0.001)).toThrow(UnreadableEvidenceError);
  });
});
