import { SqlFaultError } from './sql-errors.ts';
import type { Comparison } from './syntax-tree.ts';

/** A value of a JSON payload. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** Whether that is an object with keys, not a list and not null. */
export function isObject(value: JsonValue): value is { readonly [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A truth value, or the text "true" or "false" in any case; anything else is Undefined (SQL reference, "Operators"). */
export function truthOf(value: JsonValue | undefined): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const text = typeof value === 'string' ? value.toLowerCase() : undefined;
  return text === 'true' ? true : text === 'false' ? false : undefined;
}

/**
 * Compares as the SQL reference ("Operators") does: Undefined makes the result Undefined; values of different types are
 * unequal; order is between numbers and texts that are numbers, and Undefined otherwise. Throws `SqlFaultError` for lists
 * and objects, which the host does not compare.
 */
export function compareValues(
  operator: Comparison,
  left: JsonValue | undefined,
  right: JsonValue | undefined,
): boolean | undefined {
  if (left === undefined || right === undefined) return undefined;
  if (isComposite(left) || isComposite(right))
    throw new SqlFaultError('lists and objects cannot be compared');
  if (operator === '=') return left === right;
  if (operator === '<>') return left !== right;
  const [a, b] = [decimalOf(left), decimalOf(right)];
  if (a === undefined || b === undefined) return undefined;
  switch (operator) {
    case '<':
      return a < b;
    case '>':
      return a > b;
    case '<=':
      return a <= b;
    default:
      return a >= b;
  }
}

const isComposite = (value: JsonValue): boolean => typeof value === 'object' && value !== null;

function decimalOf(value: JsonValue): number | undefined {
  if (typeof value === 'number') return value;
  const isDecimal = typeof value === 'string' && /^-?[0-9]{1,30}(?:\.[0-9]{1,30})?$/.test(value);
  return isDecimal ? Number(value) : undefined;
}
