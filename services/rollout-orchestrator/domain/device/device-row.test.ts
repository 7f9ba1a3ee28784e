import { describe, expect, test } from '@jest/globals';
import { granted } from '../attempt/attempt.fixture.ts';
import { packAttempt } from '../attempt/attempt-row.ts';
import { unpackDevice } from './device-row.ts';

const ROLLOUT = '01JD4Z6Q7R8S9T0V1W00000001';
const attempt = granted();
const FACTS = {
  entityVersion: 3,
  product: 'cam',
  hardware: 'cam-rev-b',
  tags: ['internal'],
  attributes: { region: 'eu', slots: 2.5, indoor: true },
  decommissioned: false,
};
const RUNNING = {
  version: '1.0.0',
  sequence: 1,
  digest: 'f'.repeat(64),
  hardware: 'cam-rev-b',
  bootId: 'boot-1',
  confirmed: true,
  trouble: { rollout: ROLLOUT, what: 'mismatch', times: 2 },
  seenAtMs: 1_780_000_000_000,
};
const WHOLE = {
  ...FACTS,
  running: RUNNING,
  floor: 1,
  open: { rollout: ROLLOUT, ...packAttempt(attempt) },
  missing: { rollout: ROLLOUT, attempt: attempt.id },
  tried: { [ROLLOUT]: 1 },
  forgotten: '01JD4Z6Q7R8S9T0V1W00000000',
  excused: { [ROLLOUT]: 1 },
  previousBootId: 'boot-0',
  bootFlips: 1,
  quarantined: true,
  revision: 7,
};
const read = (item?: Record<string, unknown>) => unpackDevice('acme', 'cam-1', item);

describe('the item of a device', () => {
  test('reads back as it was written; what a later version adds is passed over', () => {
    const { open: _open, ...stored } = WHOLE;
    const { entityVersion: _v, product: _p, hardware: _h, tags: _t, attributes: _a, ...own } = stored;
    const { decommissioned: _d, ...rest } = own;
    expect(read({ pk: 'D#acme#ab', sk: 'cam-1', shape: 2, ...WHOLE })).toEqual({
      tenant: 'acme',
      deviceId: 'cam-1',
      facts: FACTS,
      ...rest,
      open: { rollout: ROLLOUT, attempt: attempt.id, sinceMs: attempt.grantedMs, row: attempt },
    });
  });

  test('without an item nothing is known, and nothing is held against it', () => {
    const nothing = { floor: 0, tried: {}, bootFlips: 0, quarantined: false, revision: 0 };
    expect(read()).toEqual({ tenant: 'acme', deviceId: 'cam-1', ...nothing });
  });

  const without = (name: keyof typeof FACTS) => ({ ...WHOLE, [name]: undefined });
  test.each([
    ['floor', { ...WHOLE, floor: '1' }],
    ['floor', { ...WHOLE, floor: null }],
    ['floor', { ...WHOLE, floor: -1 }],
    ['floor', { ...WHOLE, floor: 0.5 }],
    ['floor', { ...WHOLE, floor: Number.NaN }],
    ['quarantined', { ...WHOLE, quarantined: 'no' }],
    ['quarantined', { ...WHOLE, quarantined: 0 }],
    ['quarantined', { ...WHOLE, quarantined: null }],
    ['tried', { ...WHOLE, tried: { [ROLLOUT]: 'once' } }],
    ['tried', { ...WHOLE, tried: [1] }],
    ['bootFlips', { ...WHOLE, bootFlips: 'many' }],
    ['previousBootId', { ...WHOLE, previousBootId: 7 }],
    ['revision', { ...WHOLE, revision: '7' }],
    ['missing.attempt', { ...WHOLE, missing: { rollout: ROLLOUT } }],
    ['missing', { ...WHOLE, missing: false }],
    ['open.rollout', { ...WHOLE, open: packAttempt(attempt) }],
    ['open', { ...WHOLE, open: null }],
    ['attempt', { ...WHOLE, open: { ...WHOLE.open, state: 'gone' } }],
    ['attempt', { ...WHOLE, proven: { ...WHOLE.open, sequence: '1' } }],
    ['running', { ...WHOLE, running: '1.0.0' }],
    ['running.version', { ...WHOLE, running: { ...RUNNING, version: 1 } }],
    ['running.sequence', { ...WHOLE, running: { ...RUNNING, sequence: '1' } }],
    ['running.digest', { ...WHOLE, running: { ...RUNNING, digest: 5 } }],
    ['running.hardware', { ...WHOLE, running: { ...RUNNING, hardware: [] } }],
    ['running.bootId', { ...WHOLE, running: { ...RUNNING, bootId: undefined } }],
    ['running.confirmed', { ...WHOLE, running: { ...RUNNING, confirmed: 'true' } }],
    ['running.trouble', { ...WHOLE, running: { ...RUNNING, trouble: 'mismatch' } }],
    ['running.trouble.times', { ...WHOLE, running: { ...RUNNING, trouble: { rollout: 'r', what: 'w' } } }],
    ['running.seenAtMs', { ...WHOLE, running: { ...RUNNING, seenAtMs: '0' } }],
    ['entityVersion', without('entityVersion')],
    ['product', without('product')],
    ['hardware', without('hardware')],
    ['tags', without('tags')],
    ['tags', { ...WHOLE, tags: 'internal' }],
    ['tags', { ...WHOLE, tags: [1] }],
    ['attributes', without('attributes')],
    ['attributes', { ...WHOLE, attributes: { region: { name: 'eu' } } }],
    ['decommissioned', without('decommissioned')],
    ['decommissioned', { ...WHOLE, decommissioned: 1 }],
  ])('is unreadable, and says that it is %s, with %j', (name, item) => {
    expect(() => read(item)).toThrow(
      expect.objectContaining({ code: 'unreadable-row', message: expect.stringContaining(name) }),
    );
  });
});
