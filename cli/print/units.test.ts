import { describe, expect, test } from '@jest/globals';
import { ago, bytes, duration, moment, percent } from './units.ts';

describe('units', () => {
  test.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [20_971_520, '20.0 MiB'],
    [1536, '1.5 KiB'],
  ])('%d bytes are %s', (size, text) => expect(bytes(size)).toBe(text));

  test.each([
    [350, '350 ms'],
    [12_999, '12 s'],
    [200_000, '3m 20s'],
    [3_600_000, '1h'],
    [187_200_000, '2d 4h'],
  ])('%d ms are %s', (ms, text) => expect(duration(ms)).toBe(text));

  test('moments are in UTC, and what is now is just now', () => {
    expect(moment(Date.UTC(2026, 11, 1))).toBe('2026-12-01 00:00:00Z');
    expect([ago(1000, 1500), ago(1000, 61_000)]).toEqual(['just now', '1m ago']);
  });

  test.each([
    [0, '0 %'],
    [0.001, '0.1 %'],
    [0.05, '5 %'],
    [0.999, '99 %'],
    [1, '100 %'],
  ])('a share of %d is %s: only a whole one is 100 %%', (share, text) => expect(percent(share)).toBe(text));
});
