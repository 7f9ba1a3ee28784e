import { describe, expect, test } from '@jest/globals';
import { parseDocument } from './parse-document.ts';
import { answerTo, least } from './testing/answer-to.ts';

describe('the stages of a document', () => {
  const answer = (...stages: object[]) => answerTo({ ...least, stages });

  test('must be one to twenty', () => {
    expect(answer()).toBe('stages: must hold at least one stage');
    const many = Array.from({ length: 21 }, (_, n) => ({ name: `s${n}`, count: n + 1 }));
    expect(answer(...many)).toBe('stages: must hold at most 20 stages');
    expect(answer(...many.slice(1))).toBe('accepted');
  });

  test('have exactly one of tag, count and percent', () => {
    const rule = 'stages.0: must have exactly one of tag, count and percent';
    expect(answer({ name: 'a' })).toBe(rule);
    expect(answer({ name: 'a', count: 1, percent: 1 })).toBe(rule);
    expect(answer({ name: 'a', tag: 'x', percent: 1 })).toBe(rule);
  });

  test('have names of their own', () => {
    expect(answer({ name: 'a', count: 1 }, { name: 'a', count: 2 })).toBe(
      'stages.1.name: must not repeat the name of another stage',
    );
  });

  test('are never below the one before, percent by percent and count by count', () => {
    const percent = 'stages.1.percent: must not be below that of stage a';
    expect(answer({ name: 'a', percent: 5 }, { name: 'b', percent: 4.9999 })).toBe(percent);
    expect(answer({ name: 'a', percent: 5 }, { name: 'b', percent: '5%' })).toBe('accepted');
    expect(answer({ name: 'a', count: 5 }, { name: 'b', count: 4 })).toBe(
      'stages.1.count: must not be below that of stage a',
    );
    expect(answer({ name: 'a', percent: 5 }, { name: 'b', count: 1 }, { name: 'c', percent: 4 })).toBe(
      'stages.2.percent: must not be below that of stage a',
    );
    expect(answer({ name: 'a', percent: 5 }, { name: 'b', count: 1 }, { name: 'c', percent: 6 })).toBe(
      'accepted',
    );
  });

  test('end with the one that is for everybody', () => {
    expect(answer({ name: 'a', percent: 100 }, { name: 'b', tag: 'late' })).toBe(
      'stages.1: adds nobody: stage a is for everybody',
    );
  });

  test.each([0, -1, 100.0001, 0.00001, Number.NaN, 'x', '5', '5.12345%', '101%', '1e1%', '0%', true])(
    'refuse %p percent',
    (percent) => {
      expect(answer({ name: 'a', percent })).toMatch(/^stages\.0\.percent: must be/);
    },
  );

  test.each([
    [0.0001, 1],
    [5, 50_000],
    ['12.5%', 125_000],
    ['100%', 1_000_000],
    [33.3333, 333_333],
  ])('take %p percent as %p millionths', (percent, share) => {
    expect(parseDocument({ ...least, stages: [{ name: 'a', percent }] }).stages[0]).toEqual({
      name: 'a',
      kind: 'percent',
      share,
    });
  });

  test('have a gate that can be passed', () => {
    const canary = (minConfirmed: number) => ({ name: 'a', count: 10, gate: { minConfirmed } });
    const all = { name: 'all', percent: 100 };
    expect(answer(canary(10), all)).toBe('accepted');
    expect(answer(canary(11), all)).toBe(
      "stages.0.gate.minConfirmed: must be at most the stage's count (10)",
    );
    expect(answer(canary(0), all)).toBe('stages.0.gate.minConfirmed: expected number to be >=1');
  });

  test('have no gate on the last one, which opens nothing', () => {
    expect(answer({ name: 'a', percent: 5, gate: {} })).toBe(
      'stages.0.gate: must not be given on the last stage: nothing opens after it',
    );
  });
});
