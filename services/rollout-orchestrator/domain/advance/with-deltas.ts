import { parseCounterName } from '../counting/counter-names.ts';
import { addCohorts, type CohortKinds, type CounterDeltas, type Counters } from '../counting/counters.ts';

/** Counters as they would be with these changes: to judge evidence before anything is written. */
export function withDeltas(counters: Counters, changes: readonly CounterDeltas[]): Counters {
  const added = changes.flatMap((deltas) =>
    Object.entries(deltas).flatMap(([attribute, count]): CohortKinds[] => {
      const name = parseCounterName(attribute);
      return name === undefined || 'delayBucket' in name
        ? []
        : [new Map([[name.cohort, { [name.kind]: count }]])];
    }),
  );
  return { ...counters, base: addCohorts([counters.base, ...added]) };
}
