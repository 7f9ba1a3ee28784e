import { describe, expect, test } from '@jest/globals';
import { readMix } from './mix.ts';

const names = (text: string, count: number, version?: string, onVersion?: string): string[] =>
  Array.from({ length: count }, (_, index) => readMix(text, onVersion)(index, version).name);
const share = (all: readonly string[], name: string): number =>
  all.filter((one) => one === name).length / all.length;

describe('the mix of a fleet', () => {
  test('deals behaviours out in proportion, also to the first few devices', () => {
    const all = names('healthy=90,brick=10', 1000);
    expect(share(all, 'brick')).toBeCloseTo(0.1, 2);
    expect(all.slice(0, 20).filter((name) => name === 'brick').length).toBeGreaterThanOrEqual(1);
    expect(all).toEqual(names('healthy=90,brick=10', 1000));
  });

  test('concerns one version only, where one is named', () => {
    expect(share(names('brick=1', 50, '1.1.0', '1.1.0'), 'brick')).toBe(1);
    expect(share(names('brick=1', 50, '1.2.0', '1.1.0'), 'healthy')).toBe(1);
    expect(share(names('brick=1', 50, undefined, '1.1.0'), 'healthy')).toBe(1);
  });

  test('names the reason of a failure', () => {
    expect(names('fail:battery=1', 1)).toEqual(['fail:battery']);
  });

  test.each(['explode=1', 'brick=-1', 'brick=0', 'brick=x', '', 'fail:Bad Reason=1'])(
    'refuses %p',
    (text) => {
      expect(() => readMix(text)).toThrow(/must be|none of/);
    },
  );
});
