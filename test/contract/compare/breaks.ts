import type { Direction } from '#shared/contracts/contract.ts';
import type { JsonSchema } from './json-schema.ts';
import { lostFields } from './lost-fields.ts';
import { type Refusal, refusals } from './refusals.ts';

/** A change that one of the two sides does not survive, in words for the person who made it. */
export type Break = Refusal;

/**
 * What of the change from `committed` to `today` breaks somebody who still goes by `committed`: a sender whose messages are
 * refused (`in`), a reader of messages that say more than was agreed (`out`), or either (`between`); and fields that are gone.
 */
export function breaksOf(direction: Direction, committed: JsonSchema, today: JsonSchema): Break[] {
  const lost = lostFields(committed, today);
  const fromOld = direction === 'out' ? [] : refusals(committed, today).map(named('today'));
  const toOld = direction === 'in' ? [] : refusals(today, committed).map(named('the committed side'));
  const isTold = new Set(lost.map(({ at }) => at));
  const all = [...lost, ...[...fromOld, ...toOld].filter(({ at }) => !isTold.has(at))];
  return [...new Map(all.map((one) => [`${one.at} ${one.rule}`, one])).values()];
}

const named =
  (who: string) =>
  (one: Refusal): Break => ({ at: one.at, rule: `${who}: ${one.rule}` });
