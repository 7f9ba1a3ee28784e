import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { matchesPattern, parsePattern } from './wildcard-pattern.ts';

const matches = (pattern: string, text: string): boolean => matchesPattern(parsePattern(pattern), text);

/** The same by a regular expression. */
function matchesByExpression(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\/]/g, '\\$&')
    .replace(/\*/g, '[^]*')
    .replace(/\?/g, '[^]');
  return new RegExp(`^${source}$`, 'u').test(text);
}

describe('an IAM pattern', () => {
  test('matches as its regular expression does', () => {
    const letters = fc.constantFrom('a', 'b', '/', '.', '😀');
    const text = fc.array(letters, { maxLength: 12 }).map((parts) => parts.join(''));
    const pattern = fc
      .array(fc.oneof(letters, fc.constantFrom('*', '?')), { maxLength: 8 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(pattern, text, (given, subject) => {
        expect(matches(given, subject)).toBe(matchesByExpression(given, subject));
      }),
      { numRuns: 5000 },
    );
  });

  test.each([
    ['*', '', true],
    ['', '', true],
    ['', 'a', false],
    ['a*', 'a', true],
    ['*a', 'ba', true],
    ['*a', 'ab', false],
    ['a*b*c', 'a-b-b-c', true],
    ['a?c', 'a/c', true],
    ['a?c', 'ac', false],
    ['a?', 'a😀', true],
    ['arn:aws:s3:::b/*', 'arn:aws:s3:::b/x/y', true],
    ['arn:aws:s3:::b/*', 'arn:aws:s3:::b', false],
    ['a.c', 'abc', false],
  ])('%j on %j: %s', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
  });

  test('of many stars is soon done with a text that does not match', () => {
    const parts = parsePattern(`${'*a'.repeat(50)}*b`);
    expect(matchesPattern(parts, 'a'.repeat(10_000))).toBe(false);
  });
});
