import { describe, expect, test } from '@jest/globals';
import type { DeviceRecord } from './device.ts';
import { unpackDevice } from './device-row.ts';
import { FLIPS_WITHIN_MS } from './quarantine.ts';
import { isWorthTelling, seeDevice } from './see-device.ts';

const START_MS = 1_780_000_000_000;
const SAID = { version: '1.0.0', hardware: 'cam-rev-b', confirmed: true };
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The device after it was seen in these boots, one every so many milliseconds. */
function seenIn(
  boots: readonly string[],
  everyMs: number,
  before = unpackDevice('acme', 'cam-0'),
): DeviceRecord {
  let device = before;
  for (const bootId of boots) {
    const seenAtMs = (device.running?.seenAtMs ?? START_MS) + everyMs;
    const change = seeDevice(device, { ...SAID, bootId, seenAtMs }, seenAtMs);
    // Nothing that a sighting changes is ever removed.
    device = { ...device, ...(change as Partial<DeviceRecord>) };
  }
  return device;
}

const TURNS = ['a', 'b', 'a', 'b', 'a'];

test.each([
  ['older than', -1],
  ['as old as', 0],
])('a sighting that is %s the last one changes nothing', (_, laterMs) => {
  const device = seenIn(['a'], 0);
  const seenAtMs = START_MS + laterMs;
  expect(seeDevice(device, { ...SAID, version: '2.0.0', bootId: 'b', seenAtMs }, START_MS)).toEqual({});
});

describe('a check is worth telling', () => {
  const facts = { entityVersion: 1, product: 'cam', hardware: 'cam-rev-b', tags: [], attributes: {} };
  const known = unpackDevice('acme', 'cam-0', { ...facts, decommissioned: false });
  const trouble = { rollout: '01ROLLOUT00000000000000001', what: 'digest', times: 2 } as const;
  const said = { ...SAID, bootId: 'a', digest: 'a'.repeat(64), trouble };
  const running = { ...said, seenAtMs: START_MS };

  test('when it is the first of a device that is known', () => {
    expect(isWorthTelling(known, said)).toBe(true);
    expect(isWorthTelling(unpackDevice('acme', 'cam-0'), said)).toBe(false);
  });

  test.each([
    ['version', { version: '2.0.0' }],
    ['digest', { digest: 'b'.repeat(64) }],
    ['boot', { bootId: 'b' }],
    ['confirmation', { confirmed: false }],
    ['hardware', { hardware: 'cam-rev-c' }],
    ['rollout that it cannot download', { trouble: { ...trouble, rollout: '01ROLLOUT00000000000000002' } }],
    ['trouble', { trouble: { ...trouble, what: 'size' } }],
    ['count of its troubles', { trouble: { ...trouble, times: 3 } }],
  ] as const)('when nothing but the %s is another', (_, change) => {
    expect(isWorthTelling({ ...known, running }, { ...said, ...change })).toBe(true);
  });

  test('when it has no trouble any more', () => {
    const { trouble: _trouble, ...well } = said;
    expect(isWorthTelling({ ...known, running }, well)).toBe(true);
  });

  test('and not when it says what is known', () => {
    expect(isWorthTelling({ ...known, running }, said)).toBe(false);
  });
});

describe('two boots that speak in turns', () => {
  test.each([
    ['minutes', 60_000],
    ['hours', HOUR_MS],
    ['as long as a device may be away', FLIPS_WITHIN_MS - 1],
  ])('are two devices, when they speak every %s', (_what, everyMs) => {
    expect(seenIn(TURNS, everyMs)).toMatchObject({ quarantined: true, bootFlips: 3 });
  });

  test('are late messages, as long as there are two', () => {
    expect(seenIn(TURNS.slice(0, 4), HOUR_MS)).toMatchObject({ quarantined: false, bootFlips: 2 });
  });

  test('are forgotten when they were long ago', () => {
    const late = seenIn(['a', 'b', 'a', 'b'], HOUR_MS);
    const later = seenIn(['c', 'd', 'c'], FLIPS_WITHIN_MS, late);
    expect(later).toMatchObject({ quarantined: false, bootFlips: 1 });
  });

  test('do not count where they were heard before the device was registered anew', () => {
    const tags: string[] = [];
    const facts = { entityVersion: 3, product: 'cam', hardware: 'cam-rev-b', tags, attributes: {} };
    const registeredAtMs = START_MS + 30 * DAY_MS;
    const anew = unpackDevice('acme', 'cam-0', { ...facts, decommissioned: false, registeredAtMs });
    expect(seenIn(TURNS, HOUR_MS, anew)).toMatchObject({ quarantined: false, bootFlips: 0 });
  });

  test('are no sign where each boot is a new one', () => {
    expect(seenIn([...'abcdefgh'], 60_000)).toMatchObject({ quarantined: false, bootFlips: 0 });
  });
});

describe('what a device was seen to run by a clock that has been put back since', () => {
  const ahead = seenIn(['a'], 9 * HOUR_MS);

  test('gives way to what it runs now', () => {
    const now = { ...SAID, bootId: 'b', seenAtMs: START_MS };
    expect(seeDevice(ahead, now, START_MS)).toMatchObject({ running: now });
  });

  test('and not to what was said before it, and by that clock as well', () => {
    const repeated = { ...SAID, bootId: 'b', seenAtMs: START_MS + 8 * HOUR_MS };
    expect(seeDevice(ahead, repeated, START_MS)).toEqual({});
  });

  test('and not to what is merely late', () => {
    const late = { ...SAID, bootId: 'b', seenAtMs: START_MS };
    expect(seeDevice(ahead, late, START_MS + 9 * HOUR_MS)).toEqual({});
  });
});
