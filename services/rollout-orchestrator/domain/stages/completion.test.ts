import { describe, expect, test } from '@jest/globals';
import { documentWith } from '../document/testing/document-with.ts';
import { decideCompletion, type SettlingEvidence } from './completion.ts';

const DAY = 86_400_000;
const opened = Date.UTC(2026, 11, 1);
const document = documentWith({
  settle: '1d',
  stages: [
    { name: 'early', percent: 5 },
    { name: 'all', percent: 100 },
  ],
});
const evidence: SettlingEvidence = {
  openedMs: opened,
  members: 100,
  exposed: 90,
  proven: 80,
  excused: 0,
  unresolved: 0,
  countBeganMs: opened,
};
const waitsFor = (change: Partial<SettlingEvidence>, nowMs: number, index = 1): string => {
  const verdict = decideCompletion(document, index, { ...evidence, ...change }, nowMs);
  return verdict.completes ? 'nothing' : verdict.waitsFor;
};

describe('the completion of a rollout', () => {
  test('waits for the last stage', () => {
    expect(waitsFor({}, opened + 9 * DAY, 0)).toBe('stages');
  });

  test('waits for every attempt to end', () => {
    expect(waitsFor({ unresolved: 1 }, opened + 9 * DAY)).toBe('unresolved');
  });

  test('comes when nobody has been served or has asked in vain for as long as settle', () => {
    expect(waitsFor({}, opened + DAY - 1)).toBe('settle');
    expect(waitsFor({}, opened + DAY)).toBe('nothing');
    expect(waitsFor({ lastGrantMs: opened + 5 }, opened + DAY + 4)).toBe('settle');
    expect(waitsFor({ lastGrantMs: opened + 5 }, opened + DAY + 5)).toBe('nothing');
    expect(waitsFor({ lastUnservedMs: opened + 7 }, opened + DAY + 6)).toBe('settle');
    expect(waitsFor({ lastUnservedMs: opened + 7 }, opened + DAY + 7)).toBe('nothing');
  });

  test('is not put off by those for whom there is no place', () => {
    expect(waitsFor({ exposed: 100, lastUnservedMs: opened + 9 * DAY }, opened + 9 * DAY)).toBe('nothing');
    expect(waitsFor({ exposed: 99, lastUnservedMs: opened + 9 * DAY }, opened + 9 * DAY)).toBe('settle');
  });

  test('comes at once when the last stage is full, and never before the members are counted', () => {
    expect(waitsFor({ exposed: 100 }, opened + 6)).toBe('nothing');
    expect(waitsFor({ members: 0, exposed: 0 }, opened + 6)).toBe('settle');
  });

  test('does not come by a count that may have missed those who came while the last ones were served', () => {
    const full = { exposed: 100, lastGrantMs: opened + 5 };
    expect(waitsFor({ ...full, countBeganMs: opened + 4 }, opened + 6)).toBe('count');
    expect(waitsFor({ ...full, countBeganMs: opened + 5 }, opened + 6)).toBe('nothing');
    expect(waitsFor({ ...full, countBeganMs: opened + 4 }, opened + 5 + DAY)).toBe('nothing');
  });

  test('waits for those that have an attempt left, until all have the release', () => {
    const retrying = documentWith({ settle: '1d', retry: { attempts: 2 } });
    const isOver = (proven: number, nowMs: number) =>
      decideCompletion(retrying, 0, { ...evidence, exposed: 100, proven }, nowMs);
    expect(isOver(99, opened + 6)).toMatchObject({ completes: false, waitsFor: 'settle' });
    expect(isOver(99, opened + DAY)).toMatchObject({
      completes: true,
      explanation:
        'no member has been served, or has asked in vain, for 1d; 1 of 100 served were not seen to run the release',
    });
    expect(isOver(100, opened + 6)).toMatchObject({
      completes: true,
      explanation: '100 of 100 members were served, all that may be',
    });
  });

  test('says how many did not come to run it, though too few for a halt', () => {
    expect(
      decideCompletion(document, 1, { ...evidence, exposed: 100, proven: 88 }, opened + 6),
    ).toMatchObject({
      completes: true,
      explanation:
        '100 of 100 members were served, all that may be; 12 of 100 served were not seen to run the release',
    });
  });

  test('waits for those that were excused as for those that have an attempt left', () => {
    expect(waitsFor({ exposed: 100, excused: 1 }, opened + 6)).toBe('settle');
    expect(waitsFor({ exposed: 100, excused: 1 }, opened + DAY)).toBe('nothing');
    expect(waitsFor({ exposed: 100, excused: 1, proven: 100 }, opened + 6)).toBe('nothing');
  });

  test('waits for the end of the hold-out, and settles from then on', () => {
    const heldUntilMs = opened + 3 * DAY;
    expect(waitsFor({ heldUntilMs, exposed: 100 }, heldUntilMs - 1)).toBe('hold-out');
    expect(waitsFor({ heldUntilMs, exposed: 100 }, heldUntilMs)).toBe('nothing');
    expect(waitsFor({ heldUntilMs }, heldUntilMs + DAY - 1)).toBe('settle');
    expect(waitsFor({ heldUntilMs }, heldUntilMs + DAY)).toBe('nothing');
  });

  test('says until when it settles', () => {
    expect(decideCompletion(document, 1, evidence, opened)).toEqual({
      completes: false,
      waitsFor: 'settle',
      explanation: 'settles until 2026-12-02T00:00:00.000Z',
    });
  });
});
