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

/** DynamoDB takes conditions of up to 4 KB: each of so many attributes with a long name is some 20 bytes of it. */
const MOST_ATTRIBUTES = 100;

/**
 * How to fold the counters of those epochs within one shard: updates that each leave the sums as they are, so that they may be made one
 * by one. None where it holds none of these epochs.
 */
export function planShardFold(
  shard: Readonly<Record<string, unknown>>,
  epochs: ReadonlySet<number>,
): ShardFold[] {
  const old = Object.entries(shard).flatMap(([attribute, value]) => {
    const name = parseCounterName(attribute);
    if (name === undefined || 'delayBucket' in name || name.epoch === undefined || !epochs.has(name.epoch))
      return [];
    if (typeof value !== 'number') throw new UnreadableEvidenceError(attribute, 'must be a number');
    return [{ attribute, value, folded: counterName({ cohort: name.cohort, kind: name.kind }) }];
  });
  return Array.from({ length: Math.ceil(old.length / MOST_ATTRIBUTES) }, (_, part) =>
    foldOf(old.slice(part * MOST_ATTRIBUTES, (part + 1) * MOST_ATTRIBUTES)),
  );
}

function foldOf(
  old: readonly { readonly attribute: string; readonly value: number; readonly folded: string }[],
): ShardFold {
  const add: Record<string, number> = {};
  const equals: Record<string, number> = {};
  for (const { attribute, value, folded } of old) {
    add[folded] = (add[folded] ?? 0) + value;
    equals[attribute] = value;
  }
  return { add, remove: Object.keys(equals), equals };
}
