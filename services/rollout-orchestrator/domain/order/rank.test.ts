import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deviceBucket, rank } from './rank.ts';

const rolloutId = '01JD4Z6Q7R8S9T0V1W2X3Y4Z5D';
const device = fc.stringMatching(/^[A-Za-z0-9_-]{1,43}$/);
const rollout = fc.stringMatching(/^[0-9A-HJKMNP-TV-Z]{26}$/);

describe('rank of a device', () => {
  test('is the first six bytes of sha256 of rollout and device, as a fraction', () => {
    const bytes = createHash('sha256').update(`${rolloutId}\ncam-0001`).digest();
    expect(rank(rolloutId, 'cam-0001')).toBe(bytes.readUIntBE(0, 6) / 2 ** 48);
  });

  test('lies in [0, 1) and is the same each time', () => {
    fc.assert(
      fc.property(rollout, device, (one, other) => {
        const at = rank(one, other);
        expect(at).toBeGreaterThanOrEqual(0);
        expect(at).toBeLessThan(1);
        expect(rank(one, other)).toBe(at);
      }),
    );
  });

  test('spreads any fleet evenly over any rollout', () => {
    fc.assert(
      fc.property(rollout, fc.stringMatching(/^[a-z]{1,10}-$/), (one, prefix) => {
        const counts = new Array<number>(20).fill(0);
        const devices = 4000;
        for (let n = 0; n < devices; n += 1) {
          const slot = Math.floor(rank(one, `${prefix}${n}`) * 20);
          counts[slot] = (counts[slot] ?? 0) + 1;
        }
        const expected = devices / 20;
        const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
        // 19 degrees of freedom: above 75 by chance once in 50 million fleets.
        expect(chiSquare).toBeLessThan(75);
      }),
      { numRuns: 30 },
    );
  });

  test('order in one rollout says nothing of the order in another', () => {
    const devices = Array.from({ length: 4000 }, (_, n) => `cam-${n}`);
    const early = devices.filter((one) => rank(rolloutId, one) < 0.1);
    const earlyAgain = early.filter((one) => rank('01JD4Z6Q7R8S9T0V1W2X3Y4Z5E', one) < 0.1);
    expect(earlyAgain.length / early.length).toBeLessThan(0.2);
  });
});

describe('bucket of a device', () => {
  test('is the first byte of sha256 of its thing name in hex', () => {
    const digest = createHash('sha256').update('acme:cam-0001').digest('hex');
    expect(deviceBucket('acme:cam-0001')).toBe(digest.slice(0, 2));
  });

  test('uses all 256 parts', () => {
    const buckets = new Set(Array.from({ length: 5000 }, (_, n) => deviceBucket(`acme:cam-${n}`)));
    expect(buckets.size).toBe(256);
  });
});
