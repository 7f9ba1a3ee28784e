import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PacketBound } from './packet-bound.ts';

const MOST_BYTES = 20_000;

/** A packet with so many bytes after its fixed header. */
function packetOf(bytes: number): Buffer {
  const length: number[] = [];
  let left = bytes;
  do {
    length.push((left % 128) | (left >= 128 ? 128 : 0));
    left = Math.floor(left / 128);
  } while (left > 0);
  return Buffer.concat([Buffer.from([0x30, ...length]), Buffer.alloc(bytes, 0xff)]);
}

describe('the bound of packets', () => {
  test('finds the first that is longer, wherever the network cuts them, and none that is not', () => {
    const lengths = fc.array(fc.nat({ max: MOST_BYTES }), { maxLength: 5 });
    const cuts = fc.array(fc.integer({ min: 1, max: 9_000 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(lengths, cuts, fc.integer({ min: 1, max: 300_000 }), (before, sizes, more) => {
        const bound = new PacketBound(MOST_BYTES);
        const bytes = Buffer.concat([...before, MOST_BYTES + more].map(packetOf));
        const last = bytes.length - (MOST_BYTES + more);
        let found: number | undefined;
        let at = 0;
        for (let cut = 0; found === undefined && at < bytes.length; cut += 1) {
          const next = at + (sizes[cut % sizes.length] ?? 1);
          found = bound.read(bytes.subarray(at, next));
          if (found === undefined) expect(Math.min(next, bytes.length)).toBeLessThan(last);
          at = next;
        }
        expect(found).toBe(MOST_BYTES + more);
      }),
      { numRuns: 200 },
    );
  });
});
