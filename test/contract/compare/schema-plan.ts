import fc from 'fast-check';
import * as z from 'zod';

/** A schema in plain words, so that tests can make it, change it and draw values from it. */
export type Plan =
  | { readonly is: 'text'; readonly min: number; readonly max: number }
  | { readonly is: 'number'; readonly min: number; readonly max: number }
  | { readonly is: 'flag' }
  | { readonly is: 'choice'; readonly of: readonly string[] }
  | { readonly is: 'list'; readonly of: Plan; readonly min: number; readonly max: number }
  | { readonly is: 'map'; readonly of: Plan; readonly keys: string }
  | { readonly is: 'either'; readonly of: readonly Plan[] }
  | { readonly is: 'object'; readonly strict: boolean; readonly fields: Readonly<Record<string, Field>> };

/** A property of an object. */
export interface Field {
  readonly plan: Plan;
  readonly optional: boolean;
}

const NAMES = ['a', 'b', 'c'] as const;
const WORDS = ['x', 'y', 'z'] as const;
const KEYS = ['^[abc]$', '^[a-z]{1,2}$'] as const;

const bounds = fc
  .tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 }))
  .map(([one, other]) => ({ min: Math.min(one, other), max: Math.max(one, other) }));

const fieldsOf = (plan: fc.Arbitrary<Plan>): fc.Arbitrary<Readonly<Record<string, Field>>> =>
  fc.dictionary(fc.constantFrom(...NAMES), fc.record({ plan, optional: fc.boolean() }), {
    noNullPrototype: true,
  });

/** Any plan, at most three levels deep. */
export const plans: fc.Arbitrary<Plan> = fc.letrec<{ plan: Plan }>((tie) => {
  return {
    plan: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'plan' },
      bounds.map((range): Plan => ({ is: 'text', ...range })),
      bounds.map((range): Plan => ({ is: 'number', ...range })),
      fc.constant<Plan>({ is: 'flag' }),
      fc.subarray([...WORDS], { minLength: 1 }).map((of): Plan => ({ is: 'choice', of })),
      fc
        .record({ of: tie('plan'), range: bounds })
        .map(({ of, range }): Plan => ({ is: 'list', of, ...range })),
      fc
        .record({ of: tie('plan'), keys: fc.constantFrom(...KEYS) })
        .map((one): Plan => ({ is: 'map', ...one })),
      fc.array(tie('plan'), { minLength: 2, maxLength: 3 }).map((of): Plan => ({ is: 'either', of })),
      fc
        .record({ strict: fc.boolean(), fields: fieldsOf(tie('plan')) })
        .map((one): Plan => ({ is: 'object', ...one })),
    ),
  };
}).plan;

/** The plan as a contract would be written. */
export function schemaOf(plan: Plan): z.ZodType {
  switch (plan.is) {
    case 'text':
      return z.string().min(plan.min).max(plan.max);
    case 'number':
      return z.number().int().min(plan.min).max(plan.max);
    case 'flag':
      return z.boolean();
    case 'choice':
      return z.enum(plan.of);
    case 'list':
      return z.array(schemaOf(plan.of)).min(plan.min).max(plan.max);
    case 'map':
      return z.record(z.string().regex(new RegExp(plan.keys)), schemaOf(plan.of));
    case 'either':
      return z.union(plan.of.map(schemaOf));
    case 'object': {
      const shape = Object.fromEntries(
        Object.entries(plan.fields).map(([name, field]) => [
          name,
          field.optional ? schemaOf(field.plan).optional() : schemaOf(field.plan),
        ]),
      );
      return plan.strict ? z.strictObject(shape) : z.object(shape);
    }
  }
}

/** Values that the plan's schema takes, from a sender that uses no keys which the plan does not name. */
export function valuesOf(plan: Plan): fc.Arbitrary<unknown> {
  switch (plan.is) {
    case 'text':
      return fc.string({ minLength: plan.min, maxLength: plan.max, unit: fc.constantFrom('x', 'y', 'é') });
    case 'number':
      return fc.integer(plan);
    case 'flag':
      return fc.boolean();
    case 'choice':
      return fc.constantFrom(...plan.of);
    case 'list':
      return fc.array(valuesOf(plan.of), { minLength: plan.min, maxLength: plan.max });
    case 'map':
      return fc.dictionary(fc.constantFrom(...NAMES), valuesOf(plan.of), { noNullPrototype: true });
    case 'either':
      return fc.oneof(...plan.of.map(valuesOf));
    case 'object': {
      const fields = Object.entries(plan.fields);
      const required = fields.filter(([, { optional }]) => !optional).map(([name]) => name);
      return fc.record(Object.fromEntries(fields.map(([name, field]) => [name, valuesOf(field.plan)])), {
        requiredKeys: required,
        noNullPrototype: true,
      });
    }
  }
}

/** A plan that is close to that one: mostly the same, changed in one place. */
export function neighboursOf(plan: Plan): fc.Arbitrary<Plan> {
  const near: fc.Arbitrary<Plan>[] = [fc.constant(plan)];
  if ('min' in plan) near.push(bounds.map((range) => ({ ...plan, ...range })));
  if (plan.is === 'list' || plan.is === 'map')
    near.push(neighboursOf(plan.of).map((of) => ({ ...plan, of })));
  if (plan.is === 'map') {
    near.push(fc.constantFrom(...KEYS).map((keys) => ({ ...plan, keys })));
    near.push(fieldsOf(fc.constant(plan.of)).map((fields) => ({ is: 'object', strict: false, fields })));
    near.push(fieldsOf(plans).map((fields) => ({ is: 'object', strict: false, fields })));
  }
  if (plan.is === 'choice')
    near.push(fc.subarray([...WORDS], { minLength: 1 }).map((of) => ({ ...plan, of })));
  if (plan.is === 'either') near.push(plans.map((one) => ({ ...plan, of: [...plan.of, one] })));
  if (plan.is === 'object') {
    const changed = fc.constantFrom(...NAMES).chain((name) => {
      const held = plan.fields[name];
      const of = held === undefined ? plans : neighboursOf(held.plan);
      return fc
        .record({ plan: of, optional: fc.boolean() })
        .map((field) => ({ ...plan, fields: { ...plan.fields, [name]: field } }));
    });
    near.push(
      changed,
      changed,
      fc.boolean().map((strict) => ({ ...plan, strict })),
    );
    for (const gone of Object.keys(plan.fields)) {
      const { [gone]: _gone, ...left } = plan.fields;
      near.push(fc.constant({ ...plan, fields: left }));
    }
  }
  return fc.oneof(...near);
}
