import { describe, expect, test } from '@jest/globals';
import { applyFact } from './apply-fact.ts';
import {
  asked,
  begun,
  CONTEXT,
  deadline,
  GRANTED_MS,
  granted,
  minute,
  onOld,
  report,
  sighting,
} from './attempt.fixture.ts';
import type { Attempt } from './attempt.ts';
import type { Fact } from './facts.ts';
import { tallyOf } from './tally.ts';

const told = (start: Attempt, ...facts: readonly Fact[]): Attempt =>
  facts.reduce((attempt, fact) => applyFact(attempt, fact, CONTEXT).attempt, start);

describe('an attempt that begins with its permit', () => {
  test('is granted and installing at once, and lost when nothing more is heard of it', () => {
    const attempt = begun();
    expect(attempt).toMatchObject({ state: 'installing', reached: 'installing', asked: 1 });
    expect(tallyOf(attempt)).toEqual(['granted', 'installing']);
    expect(attempt.deadlineMs).toBe(attempt.permitEndMs + CONTEXT.installWithinMs);
    expect(told(attempt, deadline(70))).toMatchObject({ state: 'lost' });
  });

  test('goes on as any other', () => {
    expect(told(begun(), report('installing', 1))).toEqual(begun());
    expect(told(begun(), report('rebooting', 2), sighting(3))).toMatchObject({ state: 'good' });
    expect(told(begun(), onOld(3))).toMatchObject({ state: 'void', reason: 'interrupted' });
  });

  test('is interrupted by a new boot that was seen between the question and the permit', () => {
    const between = { atMs: GRANTED_MS - 1_000 };
    expect(told(begun(), onOld(0, between))).toMatchObject({ state: 'void', interruptions: 1 });
    expect(told(begun(), onOld(0, { atMs: GRANTED_MS - 3_000 }))).toEqual(begun());
  });

  test('is kept by the same request again, and by an older one, whatever they are answered', () => {
    const second = told(begun(), asked(2, 2));
    for (const again of [true, false]) {
      expect(told(second, asked(2, 3, { again }))).toBe(second);
      expect(told(second, asked(1, 3, { again }))).toBe(second);
      expect(told(second, asked(3, 3, { again, bootId: 'boot-third' }))).toBe(second);
    }
  });

  test('is renewed by a newer request that is granted, and stays the same otherwise', () => {
    expect(told(begun(), asked(2, 2))).toEqual({ ...begun(), asked: 2 });
  });

  test('never began, and is given back, when a newer request is not granted', () => {
    const over = told(begun(), asked(2, 2, { again: false }));
    expect(over).toMatchObject({ state: 'void', reason: 'not-begun', endedMs: minute(2), interruptions: 0 });
  });

  test('remembers the request that was denied, and not one that is judged again', () => {
    expect(told(begun(), asked(2, 2, { again: false, denied: true }))).toMatchObject({ asked: 2 });
    expect(told(begun(), asked(2, 2, { again: false }))).toMatchObject({ asked: 1 });
  });

  test('is not ended by a request once it was reported as rebooting', () => {
    const rebooting = told(begun(), report('rebooting', 2));
    expect(told(rebooting, asked(9, 3, { again: false }))).toBe(rebooting);
  });
});

describe('an attempt that was granted without beginning', () => {
  test('begins with a request that says so, in whichever boot', () => {
    const attempt = told(granted(), asked(1, 2, { bootId: 'boot-new' }));
    expect(attempt).toMatchObject({ state: 'installing', bootId: 'boot-new', asked: 1, spokenMs: minute(2) });
  });

  test('does not begin when it was taken back, or is not granted again', () => {
    const withdrawn = told(granted(), { fact: 'withdrawn', attempt: granted().id, atMs: minute(1) });
    expect(told(withdrawn, asked(1, 2))).toBe(withdrawn);
    const waiting = granted();
    expect(told(waiting, asked(1, 2, { again: false }))).toBe(waiting);
  });

  test('that was reported as installing is kept by any request', () => {
    const installing = told(granted(), report('installing', 1));
    expect(told(installing, asked(9, 2, { again: false }))).toBe(installing);
  });
});
