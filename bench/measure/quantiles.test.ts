import { describe, expect, test } from '@jest/globals';
import { quantile, shareInterval, spreadOf } from './quantiles.ts';

describe('quantiles', () => {
  test('are values that were measured, by the nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, at) => 100 - at);
    expect([quantile(hundred, 0.5), quantile(hundred, 0.99), quantile(hundred, 1)]).toEqual([50, 99, 100]);
    expect(quantile([7], 0.99)).toBe(7);
    expect(quantile([], 0.5)).toBeNaN();
  });

  test('of runs are told with the least and the most', () => {
    expect(spreadOf([30, 10, 20])).toEqual({ median: 20, least: 10, most: 30 });
  });

  test('of a share have the exact interval of the textbooks', () => {
    expect(shareInterval(0, 400).least).toBe(0);
    expect(shareInterval(0, 400).most).toBeCloseTo(1 - 0.025 ** (1 / 400), 6);
    // Clopper and Pearson for 5 of 20.
    expect(shareInterval(5, 20).least).toBeCloseTo(0.0866, 4);
    expect(shareInterval(5, 20).most).toBeCloseTo(0.491, 3);
  });
});
