import { EvenkeelError } from '#shared/errors/errors.ts';

/** Thrown for a row that does not hold what was written there. Whoever catches it offers nothing, permits nothing and scores nothing. */
export class UnreadableRowError extends EvenkeelError {
  override readonly name: string = 'UnreadableRowError';

  constructor(message: string, options?: ErrorOptions) {
    super('unreadable-row', message, options);
  }
}

/*
 * Attributes of a row, each checked by hand: a schema would cost ten microseconds for each device that checks in. All throw
 * `UnreadableRowError` with the name of the attribute.
 */

/** The same value, when it is a text. */
export const text = (name: string, value: unknown): string =>
  typeof value === 'string' ? value : refuse(name, 'a text', value);

/** The same value, when it is a whole number from 0. */
export const count = (name: string, value: unknown): number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? value
    : refuse(name, 'a whole number from 0', value);

/** The same value, when it is true or false. */
export const flag = (name: string, value: unknown): boolean =>
  typeof value === 'boolean' ? value : refuse(name, 'true or false', value);

/** The same value, when it is an object that holds attributes of its own. */
export const attributesOf = (name: string, value: unknown): Readonly<Record<string, unknown>> =>
  isAttributes(value) ? value : refuse(name, 'an object', value);

/** The same value, when it is a list. */
export const listOf = (name: string, value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : refuse(name, 'a list', value);

/** Throws for an attribute that is not what it must be. */
export function refuse(name: string, what: string, value: unknown): never {
  throw new UnreadableRowError(`${name} must be ${what}, not ${JSON.stringify(value) ?? 'absent'}`);
}

const isAttributes = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
