import { RefusedError } from '#shared/errors/errors.ts';
import type { Query } from '../table.ts';
import { fits } from './item-text.ts';
import { compareText, endOfPrefix } from './text-order.ts';

type Bound = string | number;

/** The bounds of a query's sort key. */
export interface KeyRange {
  readonly from?: Bound;
  readonly to?: Bound;
  /** Exclusive upper bound, instead of `to`. */
  readonly below?: Bound;
}

/**
 * The range that a query asks for. Throws `RefusedError` for bounds of another type than the sort key's, a prefix
 * together with bounds or of a number, and empty texts (DynamoDB refuses them in key conditions).
 */
export function rangeOf(query: Query, sortType: 'string' | 'number' | undefined): KeyRange {
  const { from, to, prefix } = query;
  if (prefix !== undefined) {
    if (from !== undefined || to !== undefined)
      throw new RefusedError('prefix', 'must stand without from and to');
    checkBound('prefix', prefix, sortType === 'string' ? 'string' : undefined);
    const below = endOfPrefix(prefix);
    return below === undefined ? { from: prefix } : { from: prefix, below };
  }
  if (from !== undefined) checkBound('from', from, sortType);
  if (to !== undefined) checkBound('to', to, sortType);
  return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}

/** Throws `RefusedError` unless `bound` can be compared with a key of that type. */
export function checkBound(field: string, bound: unknown, type: 'string' | 'number' | undefined): void {
  if (type === undefined) throw new RefusedError(field, 'needs a sort key of strings');
  if (typeof bound !== type || Number.isNaN(bound)) throw new RefusedError(field, `must be a ${type}`);
  if (typeof bound === 'string' && (bound === '' || !bound.isWellFormed() || !fits(bound, 2_048))) {
    throw new RefusedError(field, 'must be well-formed Unicode of 1 to 2,048 bytes');
  }
}

/** Whether a sort key lies in the range. */
export function isInRange(range: KeyRange, key: Bound): boolean {
  return (
    (range.from === undefined || compare(key, range.from) >= 0) &&
    (range.to === undefined || compare(key, range.to) <= 0) &&
    (range.below === undefined || compare(key, range.below) < 0)
  );
}

function compare(a: Bound, b: Bound): number {
  return typeof a === 'string' && typeof b === 'string' ? compareText(a, b) : Number(a) - Number(b);
}
