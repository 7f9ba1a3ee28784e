import { describe, expect, test } from '@jest/globals';
import { applyFact } from './apply-fact.ts';
import { CONTEXT, granted, minute, onOld, PERMIT, report } from './attempt.fixture.ts';
import type { Attempt } from './attempt.ts';
import { packAttempt, unpackAttempt } from './attempt-row.ts';
import { openAttempt } from './open-attempt.ts';
import { TIMELINE_EVENTS } from './timeline.ts';

/** Size of an item as DynamoDB meters it: names and texts in UTF-8 bytes; numbers at two digits a byte and one more. */
const sizeBytes = (item: Readonly<Record<string, unknown>>): number =>
  Object.entries(item).reduce(
    (sum, [name, value]) =>
      sum +
      Buffer.byteLength(name) +
      (typeof value === 'number'
        ? Math.ceil(String(value).length / 2) + 1
        : Buffer.byteLength(String(value))),
    0,
  );

/** A device with the longest names that keeps breaking off, in several attempts, until it fails for the longest reason. */
function longest(): Attempt {
  const permit = {
    ...PERMIT,
    target: { version: `1.0.0-${'r'.repeat(58)}`, digest: 'f'.repeat(64), sequence: 999_999_999 },
    from: 'v'.repeat(64),
    bootId: 'b'.repeat(64),
    epoch: 99_999_999,
  };
  const attempts = [1, 1, 1, 2, 2, 2, 3].map((number, i) => ({ ...permit, number, cohort: 199 + (i % 2) }));
  const broken = attempts.reduce<Attempt | undefined>((previous, { number, cohort }) => {
    const start = openAttempt({ ...permit, number, cohort }, previous);
    return [report('installing', 4), onOld(300)].reduce(
      (attempt, fact) => applyFact(attempt, fact, CONTEXT).attempt,
      start,
    );
  }, undefined);
  const facts = [
    report('rebooting', 5, { bootId: 'c'.repeat(64), backWithinSeconds: 2_592_000 }),
    report('claimed', 100_000),
    report('failed', 100_001, { reason: 'r'.repeat(40) }),
    { fact: 'excused', attempt: PERMIT.id, atMs: minute(200_000) } as const,
  ];
  return facts.reduce(
    (attempt, fact) => applyFact(attempt, fact, CONTEXT).attempt,
    openAttempt({ ...permit, number: 3 }, broken),
  );
}

describe('a row', () => {
  test('keeps the last 20 events and fits in 1 KB with its key', () => {
    const attempt = longest();
    expect(attempt.events).toHaveLength(TIMELINE_EVENTS);
    const key = { pk: `U#${PERMIT.id}#ff`, sk: 'd'.repeat(43), revision: 999 };
    expect(sizeBytes({ ...key, ...packAttempt(attempt), deadlineMs: minute(0) })).toBeLessThanOrEqual(1024);
  });

  test('reads back what earlier attempts counted as', () => {
    const attempt = longest();
    expect(unpackAttempt({ ...packAttempt(attempt) })).toEqual(attempt);
    expect(attempt.past).toMatchObject({ '199.granted': 2, '200.granted': 1, '201.granted': 4 });
  });

  test.each([
    ['a state that is none', { state: 'gone' }],
    ['a timeline that is none', { events: 'x!' }],
    ['a past that is none', { past: '1z3' }],
    ['a time that is none', { grantedMs: -1 }],
  ])('with %s is unreadable', (_, over) => {
    const row = { ...packAttempt(granted()), ...over };
    expect(() => unpackAttempt(row)).toThrow(expect.objectContaining({ code: 'unreadable-row' }));
  });
});
