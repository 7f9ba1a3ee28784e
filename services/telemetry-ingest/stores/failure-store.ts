import type { Clock } from '#shared/capabilities/clock.ts';
import type { Ids } from '#shared/capabilities/ids.ts';
import type { Item, Query, Table, TransactResult } from '#shared/capabilities/table.ts';
import { ConflictError } from '#shared/errors/errors.ts';
import { retry } from '#shared/retry/retry.ts';
import { type Failure, kindId } from '../domain/failure.ts';
import { FAILURES_PER_DEVICE, withinKinds } from '../domain/failure-limits.ts';
import {
  COUNTER_PREFIX,
  counterPartition,
  countersOf,
  type FailureCount,
  fromCounter,
  markerOf,
  markerPartition,
  markerSort,
} from './failure-rows.ts';

/** A marker and at most one counter for each: 100 writes, DynamoDB's limit for a transaction. */
const FAILURES_PER_TRANSACTION = 50;
/** Counters are spread, so that batches of one rollout that are counted at once seldom meet. */
const SHARDS = 8;
/** Ten who all count for one rollout still meet often: enough that no delivery fails of it, short beside a time-out of 30 s. */
const PATIENCE = { tries: 12, firstPauseMs: 20, longestPauseMs: 320 };
const PAGE = 1000;

/** What counting needs besides the table. */
export interface CountingNeeds {
  readonly ids: Ids;
  readonly clock: Clock;
}

/** Counts of failures, each failure once however often it is told, over the table `failures`. */
export class FailureStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /**
   * Counts these failures, except those that are counted already and those beyond the bounds of `failure-limits`. Throws
   * `ConflictError` when others kept writing the same; calling again counts what is left.
   */
  async count(failures: readonly Failure[], needs: CountingNeeds): Promise<void> {
    for (const [partition, ofRollout] of Map.groupBy(failures, counterPartition)) {
      const fresh = await this.#uncounted(ofRollout);
      if (fresh.length === 0) continue;
      const known = new Set((await this.#counters(partition)).map(kindId));
      const counted = withinKinds(fresh, known);
      for (let at = 0; at < counted.length; at += FAILURES_PER_TRANSACTION) {
        await this.#countTogether(counted.slice(at, at + FAILURES_PER_TRANSACTION), needs);
      }
    }
  }

  /** The failures of a rollout by kind, the most frequent first. */
  async counts(tenant: string, rollout: string): Promise<FailureCount[]> {
    const sums = new Map<string, FailureCount>();
    for (const shard of await this.#counters(counterPartition({ tenant, rollout }))) {
      const id = kindId(shard);
      sums.set(id, { ...shard, count: (sums.get(id)?.count ?? 0) + shard.count });
    }
    return [...sums.values()].sort((a, b) => b.count - a.count || (kindId(a) < kindId(b) ? -1 : 1));
  }

  /** Each of these failures once, without those that are counted and those that are too many for their device. */
  async #uncounted(failures: readonly Failure[]): Promise<Failure[]> {
    const byDevice = [...Map.groupBy(failures, markerPartition)];
    const fresh = await Promise.all(
      byDevice.map(async ([partition, ofDevice]) => {
        const items = await this.#items({ partition }, FAILURES_PER_DEVICE);
        const counted = new Set(items.map(({ sk }) => String(sk)));
        const told = new Map(ofDevice.map((failure) => [markerSort(failure), failure]));
        const uncounted = [...told].filter(([sort]) => !counted.has(sort));
        return uncounted.slice(0, FAILURES_PER_DEVICE - counted.size).map(([, failure]) => failure);
      }),
    );
    return fresh.flat();
  }

  async #counters(partition: string): Promise<FailureCount[]> {
    const items = await this.#items({ partition, prefix: COUNTER_PREFIX }, Number.POSITIVE_INFINITY);
    return items.map(fromCounter);
  }

  /** Up to `most` items of a range, over as many pages as that takes. */
  async #items(range: Pick<Query, 'partition' | 'prefix'>, most: number): Promise<Item[]> {
    const items: Item[] = [];
    let cursor: string | undefined;
    do {
      const limit = Math.min(PAGE, most - items.length);
      const page = await this.#table.query({
        ...range,
        limit,
        // Failures are few and their bounds should hold: what was just counted is seen.
        consistent: true,
        ...(cursor !== undefined && { cursor }),
      });
      items.push(...page.items);
      cursor = page.cursor;
    } while (cursor !== undefined && items.length < most);
    return items;
  }

  /** Markers and sums in one transaction. One failure that somebody else has counted cancels all: the rest is tried anew. */
  async #countTogether(failures: readonly Failure[], needs: CountingNeeds): Promise<void> {
    let left = failures;
    while (left.length > 0) {
      const result = await retry(() => this.#tryTogether(left, needs.ids), PATIENCE, isConflict, needs);
      if (result.outcome === 'written') return;
      const counted = new Set(result.failed.map(({ index }) => index));
      left = left.filter((_, index) => !counted.has(index));
    }
  }

  /** Throws `ConflictError` when another write was at one of the items. */
  #tryTogether(failures: readonly Failure[], ids: Ids): Promise<TransactResult> {
    const shard = Math.floor(ids.random() * SHARDS);
    const writes = [...failures.map(markerOf), ...countersOf(failures, shard)];
    return this.#table.transact(writes, { token: ids.next() });
  }
}

const isConflict = (thrown: unknown): boolean => thrown instanceof ConflictError;
