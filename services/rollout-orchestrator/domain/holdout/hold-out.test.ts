import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { rank } from '../order/rank.ts';
import { WHOLE } from '../order/share.ts';
import { isHoldingBack, isInHoldOut } from './hold-out.ts';

const release = fc.record({ product: fc.constantFrom('cam', 'lock'), sequence: fc.nat(1000) });
const share = fc.integer({ min: 1, max: WHOLE / 2 });
const deviceId = fc.stringMatching(/^[a-z0-9-]{1,40}$/);
const fleet = Array.from({ length: 20_000 }, (_, n) => `cam-${n}`);
const inHoldOut = (sequence: number, of: number, devices = fleet) =>
  devices.filter((one) => isInHoldOut({ product: 'cam', sequence }, one, of));

describe('the hold-out of a release', () => {
  test('is the same whenever it is asked for, and only grows with its share', () => {
    fc.assert(
      fc.property(release, deviceId, share, share, (of, device, one, other) => {
        const [less, more] = [Math.min(one, other), Math.max(one, other)];
        expect(isInHoldOut({ ...of }, device, less)).toBe(isInHoldOut(of, device, less));
        if (isInHoldOut(of, device, less)) expect(isInHoldOut(of, device, more)).toBe(true);
        expect(isInHoldOut(of, device, 0)).toBe(false);
        expect(isInHoldOut(of, device, WHOLE)).toBe(true);
      }),
    );
  });

  test.each([1_000, 20_000, 100_000, 500_000])('of %d millionths is that share of a fleet', (of) => {
    const held = inHoldOut(7, of).length;
    const mean = (fleet.length * of) / WHOLE;
    // Five standard deviations of a binomial: a chance of less than one in a million.
    expect(Math.abs(held - mean)).toBeLessThan(5 * Math.sqrt(mean * (1 - of / WHOLE)));
  });

  test('has nothing to do with the order of a rollout', () => {
    const early = fleet.filter((one) => rank('01JD4Z6Q7R8S9T0V1W2X3Y4Z5D', one) < 0.1);
    const mean = early.length * 0.2;
    expect(Math.abs(inHoldOut(7, 200_000, early).length - mean)).toBeLessThan(5 * Math.sqrt(mean * 0.8));
  });

  test('is drawn anew for each release', () => {
    const both = inHoldOut(8, 100_000, inHoldOut(7, 100_000)).length;
    const mean = fleet.length * 0.01;
    expect(Math.abs(both - mean)).toBeLessThan(5 * Math.sqrt(mean));
  });

  test('is held back until its end, and then until the last stage is open', () => {
    const holdOut = { share: 20_000, untilMs: 1000 };
    const holding = [999, 1000].map((nowMs) =>
      [false, true].map((last) => isHoldingBack(holdOut, last, nowMs)),
    );
    expect(holding).toEqual([
      [true, true],
      [true, false],
    ]);
  });
});
