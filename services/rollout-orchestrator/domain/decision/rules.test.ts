import { describe, expect, test } from '@jest/globals';
import { decideOffer } from './decide-offer.ts';
import { inquiry, rolloutWith } from './testing/builders.ts';
import { type Change, traceOn } from './testing/trace-on.ts';
import type { Trace } from './trace.ts';

describe('who is served at all, and by which rollouts, on both sides of each boundary', () => {
  test.each<[string, Change, string]>([
    ['nothing speaks against it', {}, 'offered'],

    ['it is decommissioned', { facts: { decommissioned: true } }, 'decommissioned'],
    ['it is in quarantine', { facts: { quarantined: true } }, 'quarantined'],
    ['it says another hardware', { says: { hardware: 'cam-rev-c' } }, 'hardware-differs'],
    ['it says another product', { says: { product: 'lock' } }, 'product-differs'],
    [
      'its attempt is open',
      { facts: { open: { rollout: 'other', attempt: 'a', sinceMs: 0 } } },
      'attempt-open',
    ],

    ['the rollout is for another product', { rollout: { product: 'lock' } }, 'other-product'],
    ['the rollout is of another tenant', { rollout: { tenant: 'evil' } }, 'other-product'],
    ['the rollout is a draft', { rollout: { state: 'draft' } }, 'not-running'],
    ['the rollout is halted', { rollout: { state: 'halted' } }, 'not-running'],
    ['the rollout is aborted', { rollout: { state: 'aborted' } }, 'not-running'],
    ['the rollout is completed', { rollout: { state: 'completed' } }, 'not-running'],
    ['the rollout is paused', { rollout: { state: 'paused' } }, 'paused'],
    ['the release is revoked', { rollout: { release: { published: false } } }, 'release-not-published'],
    ['the selector matches', { rollout: { document: { selector: 'hardware = "cam-rev-b"' } } }, 'offered'],
    ['the selector does not match', { rollout: { document: { selector: 'tag("lab")' } } }, 'not-selected'],
    [
      'the selector sees the version that the device says',
      { rollout: { document: { selector: 'version = "1.9.9"' } }, says: { version: '1.9.9' } },
      'offered',
    ],
    [
      'its hardware has no artifact',
      { facts: { hardware: 'cam-rev-c' }, says: { hardware: 'cam-rev-c' } },
      'no-artifact',
    ],
    [
      'a rollout is called like a property of every object',
      { rollout: { rollout: 'constructor' } },
      'offered',
    ],
  ])('%s', (_, change, rule) => {
    expect(traceOn(change)?.rule).toBe(rule);
  });

  test('a device that nobody knows is refused', () => {
    const trace: Trace = [];
    const decision = decideOffer(inquiry({ facts: undefined }), [rolloutWith()], trace);
    expect(decision).toEqual({ kind: 'refused', rule: 'unknown-device' });
    expect(trace[0]?.rule).toBe('unknown-device');
  });
});
