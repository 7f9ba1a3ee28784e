import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RefusedError } from '#shared/errors/errors.ts';
import { fromCursor, toCursor } from './log-cursor.ts';
import { dayPrefix } from './log-key.ts';

const PREFIX = dayPrefix('acme', '2026-03-01');
const position = fc.record(
  { listing: fc.string({ maxLength: 200 }), key: fc.string().map((end) => PREFIX + end), line: fc.nat() },
  { requiredKeys: ['line'] },
);

describe('the cursor of the log', () => {
  test('brings back the position that it was made of', () => {
    fc.assert(
      fc.property(position, (at) => {
        expect(fromCursor(PREFIX, toCursor(PREFIX, at))).toEqual(at);
      }),
    );
  });

  test('is refused for another day or tenant, and with a key that lies elsewhere', () => {
    const cursor = toCursor(PREFIX, { line: 0 });
    expect(() => fromCursor(dayPrefix('acme', '2026-03-02'), cursor)).toThrow(RefusedError);
    expect(() => fromCursor(dayPrefix('other', '2026-03-01'), cursor)).toThrow(RefusedError);
    const strayed = toCursor(PREFIX, { key: `${dayPrefix('other', '2026-03-01')}x`, line: 0 });
    expect(() => fromCursor(PREFIX, strayed)).toThrow(RefusedError);
  });

  test('is refused, and nothing worse, whatever a client sends', () => {
    const anything = fc.oneof(
      fc.string(),
      fc.json().map((json) => Buffer.from(json).toString('base64url')),
      fc
        .record({ of: fc.constant(PREFIX), line: fc.anything(), key: fc.anything() })
        .map((parts) => Buffer.from(JSON.stringify(parts, bigintAsText)).toString('base64url')),
    );
    fc.assert(
      fc.property(anything, (cursor) => {
        try {
          expect(fromCursor(PREFIX, cursor).line).toBeGreaterThanOrEqual(0);
        } catch (error) {
          expect(error).toBeInstanceOf(RefusedError);
        }
      }),
    );
  });
});

const bigintAsText = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
