import type { JsonSchema } from './json-schema.ts';
import type { Refusal } from './refusals.ts';

/** Why that very text, number, truth value or null is not taken; other values cannot stand in an enumeration. */
export function refusalsOfValue(value: unknown, to: JsonSchema, at: string): Refusal[] {
  const choices = to.anyOf ?? to.oneOf;
  const isTaken =
    choices === undefined
      ? isValueTaken(value, to)
      : choices.some((choice) => refusalsOfValue(value, choice, at).length === 0);
  return isTaken ? [] : [{ at, rule: `does not take ${JSON.stringify(value)}` }];
}

function isValueTaken(value: unknown, to: JsonSchema): boolean {
  if (to.not !== undefined || to['x-rules'] !== undefined) return false;
  if ('const' in to) return to.const === value;
  if (to.enum !== undefined) return to.enum.includes(value);
  if (to.type !== undefined && !typesOf(value).includes(to.type)) return false;
  if (typeof value === 'string') return isTextTaken(value, to);
  if (typeof value === 'number') return isNumberTaken(value, to);
  return true;
}

function typesOf(value: unknown): string[] {
  if (value === null) return ['null'];
  return Number.isInteger(value) ? ['integer', 'number'] : [typeof value];
}

function isTextTaken(text: string, { minLength = 0, maxLength = Infinity, pattern, format }: JsonSchema) {
  if (text.length < minLength || text.length > maxLength) return false;
  // A format without a pattern is a promise that cannot be checked here.
  return pattern === undefined ? format === undefined : new RegExp(pattern, 'u').test(text);
}

function isNumberTaken(value: number, to: JsonSchema): boolean {
  return (
    value >= (to.minimum ?? -Infinity) &&
    value <= (to.maximum ?? Infinity) &&
    value > (to.exclusiveMinimum ?? -Infinity) &&
    value < (to.exclusiveMaximum ?? Infinity)
  );
}
