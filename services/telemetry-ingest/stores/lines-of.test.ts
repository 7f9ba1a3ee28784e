import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { linesOf } from './lines-of.ts';

async function* cut(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let from = 0;
  for (const size of sizes) {
    yield bytes.subarray(from, from + size);
    from += size;
  }
  yield bytes.subarray(from);
}

async function linesIn(text: string, sizes: readonly number[], longestBytes: number) {
  const lines: (string | undefined)[] = [];
  for await (const line of linesOf(cut(Buffer.from(text), sizes), longestBytes)) lines.push(line);
  return lines;
}

describe('lines of a stream', () => {
  test('are the same wherever the chunks are cut, in the middle of characters too', async () => {
    const lines = fc.array(
      fc.string({ unit: fc.constantFrom('a', '"', 'ä', '漢', '🎚') }).filter((line) => line !== ''),
    );
    await fc.assert(
      fc.asyncProperty(lines, fc.array(fc.nat(9)), async (expected, sizes) => {
        expect(await linesIn(expected.map((line) => `${line}\n`).join(''), sizes, 1000)).toEqual(expected);
        expect(await linesIn(expected.join('\n'), sizes, 1000)).toEqual(expected);
      }),
    );
  });

  test('that are too long are told as such and keep their place', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(20)), fc.array(fc.nat(9)), async (lengths, sizes) => {
        const text = lengths.map((length) => `${'x'.repeat(length)}\n`).join('');
        const expected = lengths.map((length) => (length > 10 ? undefined : 'x'.repeat(length)));
        expect(await linesIn(text, sizes, 10)).toEqual(expected);
      }),
    );
  });
});
