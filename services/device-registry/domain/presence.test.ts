import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NO_PRESENCE, type SessionEvent, viewOf, withEvent } from './presence.ts';

const MINUTE_MS = 60_000;

/** A device's history: sessions one after the other, each with its end except perhaps the last; times are off by two minutes. */
const history = fc
  .record({
    gaps: fc.array(fc.nat(3 * MINUTE_MS), { minLength: 1, maxLength: 8 }),
    skews: fc.array(fc.integer({ min: -2 * MINUTE_MS, max: 2 * MINUTE_MS }), {
      minLength: 16,
      maxLength: 16,
    }),
    isOver: fc.boolean(),
  })
  .map(({ gaps, skews, isOver }) => {
    let trueMs = 1_780_000_000_000;
    const stamped = (at: number) => trueMs + (skews[at] ?? 0);
    const events = gaps.flatMap((gapMs, at): SessionEvent[] => {
      trueMs += gapMs;
      const begin: SessionEvent = { kind: 'connected', session: `s${at}`, atMs: stamped(2 * at) };
      trueMs += gapMs;
      const isOpen = at === gaps.length - 1 && !isOver;
      return isOpen
        ? [begin]
        : [begin, { kind: 'disconnected', session: `s${at}`, atMs: stamped(2 * at + 1) }];
    });
    return { events, isOver };
  });

/** The history as queues may deliver it: repeated and in any order. */
const delivered = history.chain(({ events, isOver }) =>
  fc
    .array(fc.constantFrom(...events), { maxLength: 8 })
    .chain((again) => fc.shuffledSubarray([...events, ...again], { minLength: events.length + again.length }))
    .map((heard) => ({ events, heard, isOver })),
);

const follow = (events: readonly SessionEvent[]) => events.reduce(withEvent, NO_PRESENCE);

describe('presence', () => {
  test('is right in the end, however late, often and out of order events come and whatever their clocks say', () => {
    fc.assert(
      fc.property(delivered, ({ events, heard, isOver }) => {
        expect(viewOf(follow(heard))?.connected).toBe(!isOver);
        const begun = events.findLast(({ kind }) => kind === 'connected');
        if (!isOver) expect(viewOf(follow(heard))?.sinceMs).toBe(begun?.atMs);
      }),
    );
  });

  test('does not change by hearing the same again', () => {
    fc.assert(
      fc.property(delivered, ({ heard }) => {
        const presence = follow(heard);
        for (const event of heard) expect(withEvent(presence, event)).toBe(presence);
      }),
    );
  });

  test('forgets a session whose end was never heard, once a much newer one has begun and ended', () => {
    const presence = follow([
      { kind: 'connected', session: 'lost', atMs: 0 },
      { kind: 'connected', session: 'new', atMs: 6 * MINUTE_MS },
      { kind: 'disconnected', session: 'new', atMs: 7 * MINUTE_MS },
    ]);
    expect(viewOf(presence)).toEqual({ connected: false, sinceMs: 7 * MINUTE_MS });
  });

  test('knows of a beginning that is heard after its end was forgotten that it is over', () => {
    const sessions = Array.from({ length: 20 }, (_, at) => ({
      begin: { kind: 'connected', session: `s${at}`, atMs: at * MINUTE_MS } as const,
      end: { kind: 'disconnected', session: `s${at}`, atMs: at * MINUTE_MS + 1 } as const,
    }));
    const [late, ...others] = sessions;
    const heard = [late?.end, ...others.flatMap(({ begin, end }) => [begin, end]), late?.begin];
    const presence = follow(heard.flatMap((event) => event ?? []));
    expect(viewOf(presence)).toEqual({ connected: false, sinceMs: 19 * MINUTE_MS + 1 });
  });

  test('stays small over any number of sessions', () => {
    const events = Array.from({ length: 1000 }, (_, at): SessionEvent[] => [
      { kind: 'connected', session: `s${at}`, atMs: at * MINUTE_MS },
      { kind: 'disconnected', session: `s${at}`, atMs: at * MINUTE_MS + 1 },
    ]).flat();
    const { open, ended } = follow(events);
    expect(Object.keys(open)).toEqual([]);
    expect(Object.keys(ended)).toHaveLength(16);
  });

  test('stays small when ends are never heard', () => {
    const events = Array.from({ length: 1000 }, (_, at): SessionEvent => {
      return { kind: 'connected', session: `s${at}`, atMs: at * MINUTE_MS };
    });
    const { open, ended } = follow(events);
    expect(Object.keys(open).length + Object.keys(ended).length).toBeLessThan(32);
  });

  test('is not known of a device that was never heard', () => {
    expect(viewOf(NO_PRESENCE)).toBeUndefined();
  });
});
