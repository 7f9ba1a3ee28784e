import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import * as z from 'zod';
import { breaksOf } from './breaks.ts';
import { jsonSchemaOf } from './json-schema.ts';
import { refusals } from './refusals.ts';
import { neighboursOf, plans, schemaOf, valuesOf } from './schema-plan.ts';

const pairs = plans.chain((old) =>
  fc.record({
    old: fc.constant(old),
    today: fc.oneof({ weight: 6, arbitrary: neighboursOf(old) }, { weight: 1, arbitrary: plans }),
    value: valuesOf(old),
  }),
);

describe('the comparison of two schemas', () => {
  test('is silent only where the one takes every message of the other', () => {
    let silent = 0;
    fc.assert(
      fc.property(pairs, ({ old, today, value }) => {
        const [from, to] = [schemaOf(old), schemaOf(today)];
        expect(from.safeParse(value).success).toBe(true);
        if (refusals(jsonSchemaOf(from), jsonSchemaOf(to)).length > 0) return;
        silent += 1;
        expect(to.safeParse(value).error?.issues).toBeUndefined();
      }),
      { numRuns: 2000, seed: 7 },
    );
    // A comparison that always complains would pass as well.
    expect(silent).toBeGreaterThan(400);
  });

  test('finds nothing between a schema and itself', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const schema = jsonSchemaOf(schemaOf(plan));
        for (const direction of ['in', 'out', 'between'] as const)
          expect(breaksOf(direction, schema, schema)).toEqual([]);
      }),
      { numRuns: 500, seed: 7 },
    );
  });
});

const old = z.object({
  v: z.literal(1),
  state: z.enum(['good', 'bad']),
  note: z.string().max(10).optional(),
  parts: z.array(z.object({ size: z.number().int().min(1).max(9) })).max(3),
});
const { shape } = old;

/** What of a change is a break for those who send it to us (`in`) and for those who read it from us (`out`). */
const CHANGES: readonly [what: string, today: z.ZodType, inBreaks: string[], outBreaks: string[]][] = [
  ['nothing', old, [], []],
  ['a new optional field', old.extend({ more: z.string().optional() }), [], []],
  ['a new required field', old.extend({ more: z.string() }), ['more: today: must be there'], []],
  ['a field that is gone', old.omit({ note: true }), ['note: is gone'], ['note: is gone']],
  [
    'a field that became optional',
    old.extend({ state: shape.state.optional() }),
    [],
    ['state: the committed side: must be there'],
  ],
  [
    'a field that became required',
    old.extend({ note: z.string().max(10) }),
    ['note: today: must be there'],
    [],
  ],
  [
    'a wider enumeration',
    old.extend({ state: z.enum(['good', 'bad', 'lost']) }),
    [],
    ['state: the committed side: does not take "lost"'],
  ],
  [
    'a narrower enumeration',
    old.extend({ state: z.enum(['good']) }),
    ['state: today: does not take "bad"'],
    [],
  ],
  [
    'a wider limit',
    old.extend({ note: z.string().max(20).optional() }),
    [],
    ['note: the committed side: has maxLength 10'],
  ],
  [
    'a narrower limit',
    old.extend({ note: z.string().max(5).optional() }),
    ['note: today: has maxLength 5'],
    [],
  ],
  [
    'another type',
    old.extend({ note: z.number().optional() }),
    ['note: today: must be number'],
    ['note: the committed side: must be string'],
  ],
  [
    'a limit deep inside',
    old.extend({ parts: z.array(z.object({ size: z.number().int().min(2).max(9) })).max(3) }),
    ['parts[].size: today: has minimum 2'],
    [],
  ],
  [
    'a pattern',
    old.extend({ note: z.string().max(10).regex(/^x/).optional() }),
    ['note: today: must have the pattern ^x'],
    [],
  ],
  [
    'a rule that only a refinement can say',
    old.refine(() => true, 'must rhyme'),
    ['the message: today: must rhyme'],
    [],
  ],
  [
    'unknown keys that are refused',
    z.strictObject(shape),
    ['the message: today: ignores no unknown fields'],
    [],
  ],
  [
    'another version',
    old.extend({ v: z.literal(2) }),
    ['v: today: does not take 1'],
    ['v: the committed side: does not take 2'],
  ],
  [
    'the version beside it',
    z.union([old, old.extend({ v: z.literal(2), more: z.string() })]),
    [],
    ['v: the committed side: does not take 2'],
  ],
];

describe('a change of a contract', () => {
  const told = (direction: 'in' | 'out' | 'between', today: z.ZodType) =>
    breaksOf(direction, jsonSchemaOf(old), jsonSchemaOf(today)).map(
      ({ at, rule }) => `${at || 'the message'}: ${rule}`,
    );

  test.each(CHANGES)('%s', (_what, today, inBreaks, outBreaks) => {
    expect(told('in', today)).toEqual(inBreaks);
    expect(told('out', today)).toEqual(outBreaks);
    expect(told('between', today).sort()).toEqual([...new Set([...inBreaks, ...outBreaks])].sort());
  });

  test('cannot hide behind a refinement without a sentence, or a keyword that is not compared', () => {
    expect(() => jsonSchemaOf(z.string().meta({ examples: ['x'] }))).toThrow(
      /uses examples, which nothing compares/,
    );
  });
});
