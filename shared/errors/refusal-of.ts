import type * as z from 'zod';
import { RefusedError } from './errors.ts';

/** The refusal that names the first field at fault and the rule it breaks; `whole` names the message when no field does. */
export function refusalOf(error: z.ZodError, whole: string): RefusedError {
  const issue = error.issues[0];
  if (issue === undefined) return new RefusedError(whole, 'is not valid');
  if (issue.code === 'unrecognized_keys') {
    return new RefusedError(fieldAt([...issue.path, issue.keys[0] ?? ''], whole), 'is not a known field');
  }
  return new RefusedError(fieldAt(issue.path, whole), ruleOf(issue));
}

/** Reads `input` by `schema`; throws the `RefusedError` that names field and rule. */
export function parseOrRefuse<T>(schema: z.ZodType<T>, input: unknown, whole: string): T {
  const read = schema.safeParse(input);
  if (!read.success) throw refusalOf(read.error, whole);
  return read.data;
}

function fieldAt(path: readonly PropertyKey[], whole: string): string {
  return path.length === 0 ? whole : path.map(String).join('.').slice(0, 200);
}

/** The rule that an issue of zod tells of, one sentence of at most 300 characters. */
export function ruleOf(issue: z.core.$ZodIssue): string {
  // Of a key zod says only that it is invalid; the rule stands inside.
  const told = (issue.code === 'invalid_key' && issue.issues[0]) || issue;
  const rule = told.message.replace(/^Invalid input: /, '').replace(/^(Too (big|small)): /, '');
  return rule.slice(0, 300);
}
