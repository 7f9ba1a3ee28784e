import { describe, expect, test } from '@jest/globals';
import { documentWith } from '../document/testing/document-with.ts';
import type { RolloutLife } from '../lifecycle/commands.ts';
import { type WaitView, waitText } from './wait-text.ts';

const HOUR = 3_600_000;
const midnight = Date.UTC(2026, 11, 1);
const gate = {
  opens: false,
  waitsFor: 'evidence',
  stalled: false,
  explanation: '0 of 3 confirmed',
} as const;
const completion = { completes: false, waitsFor: 'settle', explanation: 'settles until then' } as const;
const last = {
  gate: { opens: false, waitsFor: 'last-stage', stalled: false, explanation: 'all is the last stage' },
} as const;
const unasked = { room: 10, young: 0, suspects: 0 };
const text = (
  change: Partial<WaitView>,
  state: RolloutLife['state'] = 'running',
  fields: Record<string, unknown> = {},
  nowMs = midnight,
) => {
  const view = { gate, completion, window: { pooled: { room: 0, young: 10, suspects: 0 } }, ...change };
  return waitText(documentWith(fields), { state }, view, nowMs);
};

describe('for what an open stage waits', () => {
  test('is its gate, and the end in the last stage', () => {
    expect(text({})).toBe('0 of 3 confirmed');
    expect(text(last)).toBe('all is the last stage: settles until then');
  });

  test('is that devices ask, where there is room and none is on the way', () => {
    expect(text({ window: { pooled: unasked } })).toBe(
      '0 of 3 confirmed; permits are to be had: waits for devices to ask',
    );
    expect(text({ window: { pooled: { ...unasked, young: 1 } } })).toBe('0 of 3 confirmed');
    expect(text({ ...last, window: { pooled: unasked } })).not.toContain('ask');
  });

  test('is its beginning before it', () => {
    const start = '2026-12-01T06:00:00Z';
    expect(text({}, 'running', { start })).toBe(
      '0 of 3 confirmed; nothing is offered before 2026-12-01T06:00:00.000Z',
    );
    expect(text({}, 'running', { start }, midnight + 6 * HOUR)).toBe('0 of 3 confirmed');
  });

  test('is the hours while they are closed, in the last stage too', () => {
    const window = { from: '12:00', to: '13:00', zone: 'UTC' };
    const closed = 'install hours are closed in UTC until 2026-12-01T12:00:00.000Z';
    expect(text({}, 'running', { window })).toBe(`0 of 3 confirmed; ${closed}`);
    expect(text(last, 'running', { window })).toBe(`all is the last stage: settles until then; ${closed}`);
    expect(text({}, 'running', { window }, midnight + 12 * HOUR)).toBe('0 of 3 confirmed');
    const own = { ...window, zone: 'device', fallbackZone: 'UTC' };
    expect(text({}, 'running', { window: own })).toContain(`${closed}; devices that state another zone`);
  });

  test('is what a person must do first, where it is halted or paused, and never that it settles', () => {
    expect(text({}, 'halted')).toBe('0 of 3 confirmed; nobody gets a permit while it is halted');
    expect(text(last, 'paused')).toBe('all is the last stage; nobody gets a permit while it is paused');
  });

  test('is nothing of a rollout that is over, but why it was completed', () => {
    expect(text(last, 'aborted')).toBeUndefined();
    expect(text(last, 'completed')).toBeUndefined();
    const done = { ...last, completion: { completes: true, explanation: 'all were served' } } as const;
    expect(text(done, 'completed')).toBe('all is the last stage: all were served');
  });
});
