import { describe, expect, test } from '@jest/globals';
import { wordsOfEnd } from './end-words.ts';

describe('the words for a bad end', () => {
  test('are what the device said, or how it ended where it said nothing', () => {
    expect(wordsOfEnd({ state: 'failed', reason: 'flash-write' })).toEqual(['flash-write']);
    expect(wordsOfEnd({ state: 'silent' })).toEqual(['silent']);
    expect(wordsOfEnd({ state: 'lost' })).toEqual(['lost']);
    expect(wordsOfEnd({ state: 'reverted' })).toEqual(['reverted']);
    expect(wordsOfEnd({ state: 'reverted', reason: 'other-version' })).toEqual(['reverted', 'other-version']);
  });

  test.each([
    { state: 'good' },
    { state: 'void' },
    { state: 'void', reason: 'interrupted' },
    { state: 'rebooting' },
  ] as const)('are none for %j', (attempt) => {
    expect(wordsOfEnd(attempt)).toEqual([]);
  });
});
