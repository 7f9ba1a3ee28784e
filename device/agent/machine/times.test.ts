import { describe, expect, test } from '@jest/globals';
import { Bench, SETTINGS } from '../testing/bench.ts';

describe('the times of a device', () => {
  test('a check goes out at once after the boot, then at a random moment of each interval', () => {
    const bench = new Bench();
    bench.take({ input: 'sent', kind: 'check', nonce: bench.said('check').nonce });
    expect(bench.armed('check')).toBe(43_200_000);
  });

  test('a check that the broker did not get is tried again after 1, 2, 4 ... minutes, and when the link is up', () => {
    const bench = new Bench();
    expect(bench.armed('check')).toBe(45_000);
    bench.take({ input: 'timer', name: 'check' });
    expect(bench.armed('check')).toBe(90_000);
    bench.take({ input: 'link-up' });
    expect(bench.did('publish')).toHaveLength(1);
  });

  test('a check is told of once the broker has it, and not as often as it was tried', () => {
    const bench = new Bench();
    bench.take({ input: 'unsent', kind: 'check', nonce: bench.said('check').nonce });
    bench.take({ input: 'timer', name: 'check' });
    const told = () => bench.all.filter((effect) => effect.do === 'tell' && effect.news.news === 'checked');
    expect(told()).toHaveLength(0);
    bench.take({ input: 'sent', kind: 'check', nonce: bench.said('check').nonce });
    expect(told()).toHaveLength(1);
  });

  test('a hint brings the next check forward, by its own jitter', () => {
    const bench = new Bench();
    bench.hear('hint', { v: 1, within: 30 });
    expect(bench.armed('check')).toBe(15_000);
    bench.take({ input: 'sent', kind: 'check', nonce: bench.said('check').nonce });
    bench.hear('hint', 'nonsense');
    expect(bench.armed('check')).toBe(30_000);
  });

  test('no hint puts a check off, and a flood of hints makes one check a second at most', () => {
    const bench = new Bench();
    expect(bench.armed('check')).toBe(45_000);
    bench.hear('hint', { v: 1, within: 86_400 });
    expect(bench.did('arm')).toEqual([]);
    bench.hear('hint', { v: 1, within: 0 });
    expect(bench.armed('check')).toBe(1_000);
    bench.nowMs += 600;
    bench.hear('hint', { v: 1, within: 0 });
    expect(bench.did('arm')).toEqual([]);
  });

  test('a sleeper says when it will be back', () => {
    const bench = new Bench({ settings: { ...SETTINGS, backWithinSeconds: 7200 } });
    expect(bench.said('check')).toMatchObject({ backWithin: 7200 });
  });
});
