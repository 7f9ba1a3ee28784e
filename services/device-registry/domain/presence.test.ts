import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NO_PRESENCE, type Presence, type SessionEvent, viewOf, withEvent } from './presence.ts';

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
    return { events, isOver, nowMs: trueMs };
  });

/** The history as queues may deliver it: repeated and in any order. */
const delivered = history.chain(({ events, isOver, nowMs }) =>
  fc
    .array(fc.constantFrom(...events), { maxLength: 8 })
    .chain((again) => fc.shuffledSubarray([...events, ...again], { minLength: events.length + again.length }))
    .map((heard) => ({ events, heard, isOver, nowMs })),
);

/** What is known after these events, all heard by a clock that says `nowMs`. */
const follow = (events: readonly SessionEvent[], nowMs = 1_000 * MINUTE_MS, before: Presence = NO_PRESENCE) =>
  events.reduce((presence, event) => withEvent(presence, event, nowMs), before);

describe('presence', () => {
  test('is right in the end, however late, often and out of order events come and whatever their clocks say', () => {
    fc.assert(
      fc.property(delivered, ({ events, heard, isOver, nowMs }) => {
        const seen = viewOf(follow(heard, nowMs));
        expect(seen?.connected).toBe(!isOver);
        const begun = events.findLast(({ kind }) => kind === 'connected');
        if (!isOver) expect(seen?.sinceMs).toBe(begun?.atMs);
      }),
    );
  });

  test('does not change by hearing the same again', () => {
    fc.assert(
      fc.property(delivered, ({ heard, nowMs }) => {
        const presence = follow(heard, nowMs);
        for (const event of heard) expect(withEvent(presence, event, nowMs)).toBe(presence);
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

describe('presence noted while the clock was ahead', () => {
  const NOW_MS = 1_000 * MINUTE_MS;
  const AHEAD_MS = 500_000 * MINUTE_MS;
  const began = (session: string, atMs: number): SessionEvent => ({ kind: 'connected', session, atMs });
  const ended = (session: string, atMs: number): SessionEvent => ({ kind: 'disconnected', session, atMs });

  test('keeps no session from being open that begins by the clock as it is now', () => {
    const before = follow([began('ahead', AHEAD_MS - 1), ended('ahead', AHEAD_MS)], AHEAD_MS);
    const back = follow([began('now', NOW_MS)], NOW_MS, before);
    expect(viewOf(back)).toEqual({ connected: true, sinceMs: NOW_MS });
    const away = follow([ended('now', NOW_MS + 1)], NOW_MS + 1, back);
    expect(viewOf(away)).toEqual({ connected: false, sinceMs: NOW_MS + 1 });
  });

  test('goes on over the clock that is put back, until the session ends', () => {
    const before = follow([began('old', 0), began('ahead', AHEAD_MS)], AHEAD_MS);
    expect(viewOf(before)?.connected).toBe(true);
    for (const event of [began('ahead', AHEAD_MS), began('old', 0), ended('old', 1)])
      expect(follow([event], NOW_MS, before)).toBe(before);
    const away = follow([ended('ahead', NOW_MS)], NOW_MS, before);
    expect(viewOf(away)).toEqual({ connected: false, sinceMs: NOW_MS });
  });

  test('goes on where only the end of the session before it is heard', () => {
    const before = follow([began('old', NOW_MS - MINUTE_MS), began('ahead', AHEAD_MS)], NOW_MS);
    const late = follow([ended('old', NOW_MS)], NOW_MS, before);
    expect(viewOf(late)).toEqual({ connected: true, sinceMs: AHEAD_MS });
    expect(viewOf(follow([ended('ahead', NOW_MS + 1)], NOW_MS + 1, late))?.connected).toBe(false);
  });

  test('ends a session whose end is not heard where the next one begins', () => {
    const before = follow([began('ahead', AHEAD_MS)], AHEAD_MS);
    const next = [began('now', NOW_MS), ended('now', NOW_MS + 1)];
    expect(viewOf(follow(next, NOW_MS + 1, before))).toEqual({ connected: false, sinceMs: NOW_MS + 1 });
  });

  test('and heard late ends no session that began by the clock as it is now, but those that it came after', () => {
    const before = follow([began('lost', AHEAD_MS - 10 * MINUTE_MS)], AHEAD_MS - 10 * MINUTE_MS);
    const late = [began('late', AHEAD_MS - 1), ended('late', AHEAD_MS)];
    expect(viewOf(follow(late, NOW_MS, before))).toEqual({ connected: false, sinceMs: AHEAD_MS });
    const heard = follow([began('now', NOW_MS), ...late], NOW_MS);
    expect(viewOf(heard)).toEqual({ connected: true, sinceMs: NOW_MS });
  });

  test('is forgotten session by session as any other', () => {
    const events = Array.from({ length: 100 }, (_, at) => [
      began(`s${at}`, AHEAD_MS + at),
      ended(`s${at}`, AHEAD_MS + at),
    ]).flat();
    const back = follow([began('now', NOW_MS)], NOW_MS, follow(events, AHEAD_MS + 100));
    expect(Object.keys(back.ended)).toHaveLength(16);
    expect(viewOf(back)?.connected).toBe(true);
  });
});
