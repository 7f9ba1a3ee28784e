import { describe, expect, test } from '@jest/globals';
import type { Item } from '#shared/capabilities/table.ts';
import { indexUnitsOf, pageUnitsOf, readUnitsOf, writeUnitsOf } from './table-units.ts';

const of = (sizeBytes: number, more: Item = {}): Item => ({
  pk: 'p',
  sk: 's',
  // Two names and values of one byte each, and the name of the text.
  text: 'x'.repeat(sizeBytes - 10),
  ...more,
});
const silence = { name: 'silence', partition: 'silent', sort: 'deadlineMs', projection: 'keys' } as const;

describe('write units', () => {
  test('are steps of 1 KB of the larger of before and after, at least one', () => {
    expect(writeUnitsOf(undefined, of(1024))).toBe(1);
    expect(writeUnitsOf(undefined, of(1025))).toBe(2);
    expect(writeUnitsOf(of(3000), of(100))).toBe(3);
    expect(writeUnitsOf(of(3000), undefined)).toBe(3);
    expect(writeUnitsOf(undefined, undefined)).toBe(1);
  });

  test('of an index are one for an entry that comes or goes, two for one that moves, none for one that stays', () => {
    const entry = of(100, { silent: 'r#1', deadlineMs: 5 });
    expect(indexUnitsOf(silence, undefined, of(100))).toBe(0);
    expect(indexUnitsOf(silence, of(100), entry)).toBe(1);
    expect(indexUnitsOf(silence, entry, of(100))).toBe(1);
    expect(indexUnitsOf(silence, entry, undefined)).toBe(1);
    expect(indexUnitsOf(silence, entry, { ...entry, deadlineMs: 6 })).toBe(2);
    expect(indexUnitsOf(silence, entry, { ...entry, silent: 'r#2' })).toBe(2);
    expect(indexUnitsOf(silence, entry, { ...entry, text: 'y' })).toBe(0);
    expect(indexUnitsOf(silence, of(100), of(100, { silent: 'r#1' }))).toBe(0);
  });

  test('of an index count what it holds besides keys', () => {
    const entry = of(100, { silent: 'r#1', deadlineMs: 5, state: 'a' });
    const changed = { ...entry, text: 'y' };
    expect(indexUnitsOf({ ...silence, projection: 'all' }, entry, changed)).toBe(1);
    expect(indexUnitsOf({ ...silence, projection: ['state'] }, entry, changed)).toBe(0);
    expect(indexUnitsOf({ ...silence, projection: ['text'] }, entry, changed)).toBe(1);
  });
});

describe('read units', () => {
  test('are steps of 4 KB, half when eventual, one step for what is not there', () => {
    expect(readUnitsOf(of(4096), true)).toBe(1);
    expect(readUnitsOf(of(4097), true)).toBe(2);
    expect(readUnitsOf(of(4097), false)).toBe(1);
    expect(readUnitsOf(undefined, true)).toBe(1);
    expect(readUnitsOf(undefined, false)).toBe(0.5);
  });

  test('of a page go by all its bytes together', () => {
    expect(pageUnitsOf([of(1000), of(1000), of(1000)], true)).toBe(1);
    expect(pageUnitsOf([of(3000), of(3000)], false)).toBe(1);
    expect(pageUnitsOf([], true)).toBe(1);
  });
});
