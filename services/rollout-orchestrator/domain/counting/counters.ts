import { UnreadableEvidenceError } from '../halting/unreadable-evidence.ts';
import { COUNTER_KINDS, type CounterKind, type KindCounts } from './counter-kinds.ts';
import { parseCounterName } from './counter-names.ts';
import { DELAY_BUCKETS } from './delays.ts';

type MutableCounts = Partial<Record<CounterKind, number>>;

/** Counts of some epochs, by cohort. */
export type CohortKinds = ReadonlyMap<number, KindCounts>;

/** Everything that was counted in a rollout. */
export interface Counters {
  /** Of epochs that were folded, which are old for good. */
  readonly base: CohortKinds;
  readonly epochs: ReadonlyMap<number, CohortKinds>;
  /** Delays from permit to proof, by bucket. */
  readonly delays: readonly number[];
}

/** Changes of counters by attribute name, fit for an atomic add to any one shard. */
export type CounterDeltas = Readonly<Record<string, number>>;

/**
 * The sum of all counter shards, as they were read: keys and texts among their attributes are passed over. Read the shards before
 * the gate: an attempt is granted before it is counted, so that no count can then exceed the gate's `granted`.
 *
 * @throws UnreadableEvidenceError when a counter is no whole number or its name none, or when a sum is below zero
 */
export function sumShards(shards: readonly Readonly<Record<string, unknown>>[]): Counters {
  const sums: Record<string, number> = {};
  for (const shard of shards) {
    for (const [attribute, value] of Object.entries(shard)) {
      if (parseCounterName(attribute) === undefined) continue;
      if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
        throw new UnreadableEvidenceError(attribute, `must be a whole number, not ${String(value)}`);
      }
      sums[attribute] = (sums[attribute] ?? 0) + value;
    }
  }
  return countersOf(sums);
}

/**
 * The counters that sums by attribute name stand for. An excuse takes a count back where the attempt was counted, which may have been
 * folded since: a single number may be below zero, the total of a cohort and kind may not.
 */
export function countersOf(sums: CounterDeltas): Counters {
  const base = new Map<number, MutableCounts>();
  const epochs = new Map<number, typeof base>();
  const delays = Array.from({ length: DELAY_BUCKETS }, () => 0);
  for (const [attribute, count] of Object.entries(sums)) {
    const name = parseCounterName(attribute);
    if (name === undefined) throw new UnreadableEvidenceError(attribute, 'must name a counter');
    if ('delayBucket' in name) {
      delays[name.delayBucket] = count;
      continue;
    }
    const counts = name.epoch === undefined ? base : fetchOr(epochs, name.epoch, () => new Map());
    fetchOr(counts, name.cohort, () => ({}))[name.kind] = count;
  }
  const counters = { base, epochs, delays };
  for (const [cohort, counts] of totalsOf(counters, () => true)) {
    const below = COUNTER_KINDS.find((kind) => (counts[kind] ?? 0) < 0);
    if (below !== undefined)
      throw new UnreadableEvidenceError(`${cohort}.${below}`, 'must not be below zero');
  }
  return counters;
}

/** The sum of many changes, without those that cancel out. */
export function sumDeltas(changes: Iterable<CounterDeltas>): CounterDeltas {
  const sums: Record<string, number> = {};
  for (const deltas of changes) {
    for (const [attribute, count] of Object.entries(deltas)) sums[attribute] = (sums[attribute] ?? 0) + count;
  }
  return Object.fromEntries(Object.entries(sums).filter(([, count]) => count !== 0));
}

/** Counts by cohort over the folded epochs and those that `includes` picks. */
export function totalsOf(counters: Counters, includes: (epoch: number) => boolean): CohortKinds {
  const picked = [...counters.epochs].filter(([epoch]) => includes(epoch)).map(([, counts]) => counts);
  return addCohorts([counters.base, ...picked]);
}

/** Counts by cohort, added up. */
export function addCohorts(parts: readonly CohortKinds[]): CohortKinds {
  const totals = new Map<number, MutableCounts>();
  for (const [cohort, counts] of parts.flatMap((part) => [...part])) {
    const total = fetchOr<number, MutableCounts>(totals, cohort, () => ({}));
    for (const kind of COUNTER_KINDS) {
      const count = counts[kind];
      if (count !== undefined) total[kind] = (total[kind] ?? 0) + count;
    }
  }
  return totals;
}

function fetchOr<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}
