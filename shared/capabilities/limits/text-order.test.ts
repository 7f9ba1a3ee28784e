import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareText, endOfPrefix } from './text-order.ts';

const text = fc.string({ unit: 'binary', maxLength: 6 });
// Characters about where UTF-16 and UTF-8 disagree, and where code points end.
const edgy = fc
  .array(fc.constantFrom('a', '\u{d7ff}', '\u{e000}', '\u{ffff}', '\u{10000}', '\u{10ffff}'), {
    maxLength: 4,
  })
  .map((characters) => characters.join(''));
const any = fc.oneof(text, edgy);

test('orders texts as their bytes in UTF-8 are ordered', () => {
  fc.assert(
    fc.property(any, any, (a, b) => {
      expect(Math.sign(compareText(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
    { numRuns: 1_000 },
  );
});

test('ends a prefix behind everything that begins with it and before everything else', () => {
  fc.assert(
    fc.property(any, any, any, (prefix, rest, other) => {
      const end = endOfPrefix(prefix);
      const isBelow = (one: string) => end === undefined || compareText(one, end) < 0;
      expect(isBelow(prefix + rest)).toBe(true);
      if (compareText(other, prefix) >= 0 && isBelow(other)) expect(other.startsWith(prefix)).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});
