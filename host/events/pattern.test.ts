import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { compilePattern } from './pattern.ts';

const event = {
  source: 'evenkeel.firmware-storage',
  'detail-type': 'ReleasePublished',
  resources: [],
  detail: {
    tenant: 'acme',
    count: 5,
    urgent: true,
    note: null,
    tags: ['beta', 'eu'],
    release: {
      version: '2.1.0',
      parts: [
        { kind: 'delta', size: 9 },
        { kind: 'full', size: 90 },
      ],
    },
  },
};

describe('an event pattern', () => {
  test.each<[boolean, unknown]>([
    [true, { source: ['evenkeel.firmware-storage'] }],
    [true, { source: ['other', 'evenkeel.firmware-storage'], 'detail-type': ['ReleasePublished'] }],
    [false, { source: ['evenkeel.firmware-storage'], 'detail-type': ['ReleaseRevoked'] }],
    [false, { source: ['evenkeel'] }],
    [true, { source: [{ prefix: 'evenkeel.' }] }],
    [false, { source: [{ prefix: 'firmware' }] }],
    [false, { detail: { count: [{ prefix: '5' }] } }],
    [true, { detail: { count: [5], urgent: [true], note: [null] } }],
    [false, { detail: { count: ['5'] } }],
    [true, { detail: { tags: ['eu'] } }],
    [false, { detail: { tags: ['us'] } }],
    [true, { detail: { tenant: [{ 'anything-but': 'other' }] } }],
    [false, { detail: { tenant: [{ 'anything-but': ['acme', 'other'] }] } }],
    [true, { detail: { count: [{ 'anything-but': 6 }] } }],
    [true, { detail: { tags: [{ 'anything-but': 'eu' }] } }],
    [false, { detail: { absent: [{ 'anything-but': 'x' }] } }],
    [true, { detail: { tenant: [{ exists: true }], absent: [{ exists: false }] } }],
    [false, { detail: { tenant: [{ exists: false }] } }],
    [false, { detail: { release: [{ exists: true }] } }],
    [true, { detail: { absent: { deeper: [{ exists: false }] } } }],
    [true, { detail: { tenant: { deeper: [{ exists: false }] } } }],
    [false, { resources: [{ exists: true }] }],
    [true, { detail: { count: [{ numeric: ['=', 5] }] } }],
    [true, { detail: { count: [{ numeric: ['>', 4, '<=', 5] }] } }],
    [false, { detail: { count: [{ numeric: ['>', 4, '<', 5] }] } }],
    [false, { detail: { tenant: [{ numeric: ['>', 0] }] } }],
    [true, { detail: { count: [{ numeric: ['<', 0] }, { numeric: ['>=', 5] }] } }],
    [true, { detail: { release: { version: ['2.1.0'] } } }],
    [true, { detail: { release: { parts: { kind: ['full'], size: [{ numeric: ['>', 50] }] } } } }],
    [false, { detail: { release: { parts: { kind: ['delta'], size: [{ numeric: ['>', 50] }] } } } }],
    [false, { detail: { tenant: { acme: ['x'] } } }],
    [false, { detail: { toString: [{ exists: true }] } }],
  ])('answers %s for %j', (matches, pattern) => {
    expect(compilePattern(pattern)(event)).toBe(matches);
  });

  test.each<[string, unknown]>([
    ['source', { source: [{ suffix: 'x' }] }],
    ['"wildcard"', { source: [{ wildcard: '*' }] }],
    ['"equals-ignore-case"', { source: [{ 'equals-ignore-case': 'x' }] }],
    ['"cidr"', { detail: { ip: [{ cidr: '10.0.0.0/8' }] } }],
    ['$or', { $or: [{ source: ['x'] }] }],
    ['detail.$or', { detail: { $or: [{ a: ['x'] }] } }],
    ['prefix', { source: [{ prefix: 1 }] }],
    ['anything-but', { source: [{ 'anything-but': { prefix: 'x' } }] }],
    ['anything-but', { source: [{ 'anything-but': [] }] }],
    ['exists', { source: [{ exists: 'yes' }] }],
    ['numeric', { source: [{ numeric: ['>'] }] }],
    ['numeric', { source: [{ numeric: ['!', 1] }] }],
    ['numeric', { source: [{ numeric: ['<', 1, '>', 0] }] }],
    ['numeric', { source: [{ numeric: 5 }] }],
    ['detail.a', { detail: { a: [{ prefix: 'x', exists: true }] } }],
    ['detail.a', { detail: { a: [[1]] } }],
    ['detail.a', { detail: { a: [{}] } }],
    ['detail.a', { detail: { a: 'x' } }],
    ['detail.a', { detail: { a: [] } }],
    ['detail', { detail: {} }],
    ['the pattern', {}],
    ['the pattern', 'x'],
    ['the pattern', null],
  ])('names %s when it cannot be compiled: %j', (name, pattern) => {
    expect(() => compilePattern(pattern)).toThrow(ConfigurationError);
    expect(() => compilePattern(pattern)).toThrow(name);
  });

  test('matches no event that is no object', () => {
    const matches = compilePattern({ source: [{ exists: false }] });
    for (const one of [null, undefined, 'x', 1, [{}]]) expect(matches(one)).toBe(false);
    expect(matches({})).toBe(true);
  });
});

const name = fc.constantFrom('a', 'b', 'c');
const scalar = fc.oneof(
  fc.constantFrom('x', 'y', ''),
  fc.integer({ min: -3, max: 3 }),
  fc.boolean(),
  fc.constant(null),
);
const flat = fc.dictionary(name, scalar, { minKeys: 1 });
const nested = fc.dictionary(name, fc.oneof(scalar, flat), { minKeys: 1 });

/** The pattern that lists exactly the values of an event. */
function patternOf(one: object): unknown {
  return Object.fromEntries(
    Object.entries(one).map(([key, value]) => [
      key,
      typeof value === 'object' && value !== null ? patternOf(value) : [value],
    ]),
  );
}

describe('any event', () => {
  test('matches the pattern of its own values, and still does with more fields', () => {
    fc.assert(
      fc.property(nested, scalar, (one, more) => {
        expect(compilePattern(patternOf(one))(one)).toBe(true);
        expect(compilePattern(patternOf(one))({ ...one, more })).toBe(true);
      }),
    );
  });

  test('matches the pattern of another event exactly when it has all its fields with equal values', () => {
    fc.assert(
      fc.property(flat, flat, (one, other) => {
        const hasAll = Object.entries(other).every(
          ([key, value]) => Object.hasOwn(one, key) && one[key] === value,
        );
        expect(compilePattern(patternOf(other))(one)).toBe(hasAll);
      }),
    );
  });

  test('matches either a value or anything but it, where the field is there', () => {
    fc.assert(
      fc.property(scalar, fc.constantFrom('x', 'y', 0, 1), (value, named) => {
        const exact = compilePattern({ a: [named] })({ a: value });
        expect(compilePattern({ a: [{ 'anything-but': named }] })({ a: value })).toBe(!exact);
      }),
    );
  });

  test('lies within a numeric range exactly when it is above its lower and below its upper bound', () => {
    const integer = fc.integer({ min: -5, max: 5 });
    fc.assert(
      fc.property(integer, integer, integer, (value, lower, upper) => {
        const matches = compilePattern({ a: [{ numeric: ['>=', lower, '<', upper] }] });
        expect(matches({ a: value })).toBe(value >= lower && value < upper);
      }),
    );
  });

  test('is answered without a throw by any pattern that compiles, or the pattern is refused by name', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (pattern, one) => {
        let matches: (event: unknown) => boolean;
        try {
          matches = compilePattern(pattern);
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigurationError);
          return;
        }
        expect(typeof matches(one)).toBe('boolean');
      }),
    );
  });
});
