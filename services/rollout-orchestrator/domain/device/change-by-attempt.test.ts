import { describe, expect, test } from '@jest/globals';
import { granted, minute, PERMIT } from '../attempt/attempt.fixture.ts';
import type { Attempt } from '../attempt/attempt.ts';
import { changeByAttempt } from './change-by-attempt.ts';
import { type DeviceRecord, heldIn, type Running } from './device.ts';
import { unpackDevice } from './device-row.ts';

const ROLLOUT = '01ROLLOUT00000000000000001';
const NAME = { rollout: ROLLOUT, attempt: PERMIT.id };
const OPEN = granted();
const OTHER = { rollout: ROLLOUT, attempt: '01ATTEMPT00000000000000002' };

const ended = (state: Attempt['state'], over: Partial<Attempt> = {}): Attempt => ({
  ...OPEN,
  state,
  endedMs: minute(20),
  ...over,
});

/** A device that holds the attempt as its open one, unless told. */
const device = (over: Partial<DeviceRecord> = {}): DeviceRecord => ({
  ...unpackDevice('acme', 'cam-0'),
  open: heldIn(ROLLOUT, OPEN),
  ...over,
});

const running = (version: string): Running => ({
  version,
  hardware: 'cam-rev-b',
  bootId: 'boot-new',
  confirmed: true,
  seenAtMs: minute(20),
});

const changeAt = (after: Attempt, of: DeviceRecord = device(), before: Attempt = OPEN) =>
  changeByAttempt(of, ROLLOUT, { before, after });

describe('what a move of an attempt changes of its device', () => {
  test('is the attempt that it holds, as long as that is open', () => {
    const after: Attempt = { ...OPEN, state: 'rebooting', reached: 'rebooting' };
    expect(changeAt(after)).toEqual({ open: heldIn(ROLLOUT, after) });
  });

  test.each([
    ['failed', {}, { bad: NAME }],
    ['reverted', {}, { bad: NAME }],
    ['silent', {}, { bad: NAME, missing: NAME }],
    ['lost', {}, { bad: NAME, missing: NAME }],
    ['lost', { recovered: true }, { bad: NAME }],
  ] as const)(
    'at the end as %s (%p) is what it is remembered for, and an attempt used up',
    (state, over, remembered) => {
      expect(changeAt(ended(state, over))).toEqual({ open: null, tried: { [ROLLOUT]: 1 }, ...remembered });
    },
  );

  test.each([
    ['void', {}],
    ['failed', { transient: true }],
  ] as const)('at the end as %s (%p) that says nothing of the release is none used up', (state, over) => {
    expect(changeAt(ended(state, over))).toEqual({ open: null, tried: { [ROLLOUT]: 0 } });
  });

  test('leaves what it holds alone where the attempt that moved had ended before', () => {
    const over = { open: heldIn(ROLLOUT, { ...OPEN, id: OTHER.attempt }), missing: OTHER };
    expect(changeAt(ended('lost', { recovered: true }), device(over), ended('lost'))).toEqual({});
  });

  test('is that it is not missing any more, once it was heard again', () => {
    const { open: _open, ...missing } = device({ missing: NAME });
    expect(changeAt(ended('lost', { recovered: true }), missing, ended('lost'))).toEqual({ missing: null });
  });

  test('counts an excuse once', () => {
    const tried = { [ROLLOUT]: 1 };
    const { open: _open, ...failed } = device({ tried });
    const excused = ended('failed', { excused: true });
    expect(changeAt(excused, failed, ended('failed'))).toEqual({ excused: { [ROLLOUT]: 1 } });
    expect(changeAt(excused, failed, excused)).toEqual({});
  });
});

describe('a proof', () => {
  test('stays with its device, whose floor it raises, and says the sequence of what it runs', () => {
    const good = ended('good');
    const seen = running('2.1.0');
    expect(changeByAttempt(device(), ROLLOUT, { before: OPEN, after: good }, seen)).toEqual({
      proven: heldIn(ROLLOUT, good),
      open: null,
      tried: { [ROLLOUT]: 1 },
      floor: 21,
      running: { ...seen, sequence: 21 },
    });
  });

  test('never lowers the floor, and says nothing of another version that is running by now', () => {
    const of = device({ floor: 30, running: running('3.0.0') });
    const change = changeAt(ended('good'), of);
    expect(change).toMatchObject({ floor: 30 });
    expect(change).not.toHaveProperty('running');
  });

  test('gets a row of its own where an earlier attempt has one', () => {
    expect(changeAt(ended('good', { past: { '1.void': 1 } }))).not.toHaveProperty('proven');
  });
});
