import { UnreadableEvidenceError } from '../halting/unreadable-evidence.ts';
import { counterName, parseCounterName } from './counter-names.ts';
import type { CounterDeltas } from './counters.ts';

/** One conditional update of one shard: adds to the folded counters what it removes from the old epochs. */
export interface ShardFold {
  readonly add: CounterDeltas;
  readonly remove: readonly string[];
  /** What each removed attribute must still be; a count that came late makes the update fail, to be planned again. */
  readonly equals: CounterDeltas;
}

/** How to fold the counters of those epochs within one shard; `undefined` where it holds none of them. */
export function planShardFold(
  shard: Readonly<Record<string, unknown>>,
  epochs: ReadonlySet<number>,
): ShardFold | undefined {
  const add: Record<string, number> = {};
  const equals: Record<string, number> = {};
  for (const [attribute, value] of Object.entries(shard)) {
    const name = parseCounterName(attribute);
    if (name === undefined || 'delayBucket' in name || name.epoch === undefined || !epochs.has(name.epoch))
      continue;
    if (typeof value !== 'number') throw new UnreadableEvidenceError(attribute, 'must be a number');
    const folded = counterName({ cohort: name.cohort, kind: name.kind });
    add[folded] = (add[folded] ?? 0) + value;
    equals[attribute] = value;
  }
  const remove = Object.keys(equals);
  return remove.length === 0 ? undefined : { add, remove, equals };
}
