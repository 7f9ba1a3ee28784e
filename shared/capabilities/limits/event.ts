import { RefusedError } from '#shared/errors/errors.ts';
import type { BusEvent } from '../bus.ts';
import { fits } from './item-text.ts';

/** `BusEvent`: the detail is at most 200 KB as JSON, which leaves room for the rest of EventBridge's 256 KB. */
const DETAIL_LIMIT_BYTES = 200 * 1024;

/** Throws `RefusedError` for an event that EventBridge would not take. */
export function checkEvent({ id, source, type, detail }: BusEvent): void {
  if (id === '' || source === '' || type === '')
    throw new RefusedError('event', 'needs an id, a source and a type');
  if (type.length > 128) throw new RefusedError('type', 'must have at most 128 characters');
  if (typeof detail !== 'object' || detail === null || Array.isArray(detail)) {
    throw new RefusedError('detail', 'must be an object');
  }
  if (!fits(JSON.stringify(detail), DETAIL_LIMIT_BYTES))
    throw new RefusedError('detail', 'must be at most 200 KB as JSON');
}
