import * as z from 'zod';
import type { Item, PutWrite, UpdateWrite } from '#shared/capabilities/table.ts';
import { type Failure, type FailureKind, kindId } from '../domain/failure.ts';

/** Markers outlive every redelivery, and any device that was away for a year. */
const MARKER_SECONDS = 400 * 86_400;

/** How often a rollout failed in one way. */
export interface FailureCount extends FailureKind {
  readonly count: number;
}

/** The partition of a rollout's counters. */
export const counterPartition = ({ tenant, rollout }: Pick<Failure, 'tenant' | 'rollout'>): string =>
  `R#${tenant}#${rollout}`;

/** What the sort keys of counters begin with. */
export const COUNTER_PREFIX = 'count#';

/** The partition of the markers of one device in one rollout. */
export const markerPartition = ({
  tenant,
  rollout,
  deviceId,
}: Pick<Failure, 'tenant' | 'rollout' | 'deviceId'>): string => `M#${tenant}#${rollout}#${deviceId}`;

/** What makes a failure the same one when it is told again, within its device and rollout. */
export const markerSort = ({ attempt, seq }: Pick<Failure, 'attempt' | 'seq'>): string => `${attempt}#${seq}`;

/** The write that marks a failure as counted, and is refused when it is. */
export function markerOf(failure: Failure): PutWrite {
  return {
    put: {
      pk: markerPartition(failure),
      sk: markerSort(failure),
      ...failure.kind,
      atMs: failure.atMs,
      expiresAt: Math.floor(failure.atMs / 1000) + MARKER_SECONDS,
    },
    when: [{ attribute: 'pk', is: 'absent' }],
  };
}

/** The writes that add these failures of one rollout to that shard of its counters: one for each kind. */
export function countersOf(failures: readonly Failure[], shard: number): UpdateWrite[] {
  return [...Map.groupBy(failures, ({ kind }) => kindId(kind))].flatMap(([id, alike]) => {
    const [first] = alike;
    if (first === undefined) return [];
    const key = { pk: counterPartition(first), sk: `${COUNTER_PREFIX}${id}#${shard}` };
    return [{ update: key, set: { ...first.kind }, add: { n: alike.length } }];
  });
}

const CounterRow = z.object({ reason: z.string(), hardware: z.string(), version: z.string(), n: z.number() });

/** What one shard of a counter says. */
export function fromCounter(item: Item): FailureCount {
  const { n, ...kind } = CounterRow.parse(item);
  return { ...kind, count: n };
}
