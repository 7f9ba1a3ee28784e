import { RefusedError } from '#shared/errors/errors.ts';
import type { Condition, Item } from '../table.ts';
import { checkNumber } from './item-text.ts';
import { compareText } from './text-order.ts';

/**
 * DynamoDB: an expression has at most 300 operators, and each AND between two comparisons is one as well as they are ("Count expression
 * operators", AWS SDK code library); so many comparisons are 299, and with placeholders some 2.8 KB of the 4 KB that it may have.
 */
export const CONDITIONS_LIMIT = 150;

/** Throws `RefusedError` for conditions that DynamoDB would not take. */
export function checkConditions(conditions: readonly Condition[] | undefined): void {
  if (conditions === undefined) return;
  if (conditions.length > CONDITIONS_LIMIT)
    throw new RefusedError('when', `must be at most ${CONDITIONS_LIMIT} conditions`);
  for (const condition of conditions) {
    if (condition.is === 'absent') continue;
    if (typeof condition.value === 'number') checkNumber(condition.attribute, condition.value);
    if (typeof condition.value === 'boolean' && condition.is !== '=') {
      throw new RefusedError(condition.attribute, 'a boolean has no order: compare it with =');
    }
  }
}

/** Whether all conditions hold for `item`. A comparison with an absent or differently typed attribute does not hold. */
export function allHold(conditions: readonly Condition[] | undefined, item: Item | undefined): boolean {
  return conditions === undefined || conditions.every((condition) => holds(condition, item));
}

function holds(condition: Condition, item: Item | undefined): boolean {
  const found =
    item !== undefined && Object.hasOwn(item, condition.attribute) ? item[condition.attribute] : undefined;
  if (condition.is === 'absent') return found === undefined;
  const { value } = condition;
  if (condition.is === '=') return found === value;
  const order = orderOf(found, value);
  return condition.is === '<=' ? order <= 0 : order >= 0;
}

/** NaN, with which every comparison is false, where the two have no common order. */
function orderOf(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return typeof a === 'string' && typeof b === 'string' ? compareText(a, b) : Number.NaN;
}
