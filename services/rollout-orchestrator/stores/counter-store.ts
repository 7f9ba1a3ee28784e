import type { Condition, Item, Table, UpdateWrite } from '#shared/capabilities/table.ts';
import { type CounterDeltas, type Counters, sumShards } from '../domain/counting/counters.ts';
import { planShardFold } from '../domain/counting/fold-shard.ts';
import { COUNTER_SHARDS, counterKey } from './keys.ts';

/** The part of a transaction that counts, on one shard; nothing where there is nothing to count. */
export function countWrites(rollout: string, shard: number, add: CounterDeltas): UpdateWrite[] {
  return Object.keys(add).length === 0 ? [] : [{ update: counterKey(rollout, shard), add }];
}

/** The counters of rollouts, spread over shards. */
export class CounterStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** Everything counted so far. Read it before the gate: an attempt is granted before it is counted. */
  async read(rollout: string): Promise<Counters> {
    return sumShards(await this.#shards(rollout));
  }

  /** Folds the counters of old epochs inside each shard; a shard that was counted to meanwhile is left for the next time. */
  async fold(rollout: string, epochs: ReadonlySet<number>): Promise<void> {
    for (const shard of await this.#shards(rollout)) {
      const key = { pk: String(shard.pk), sk: String(shard.sk) };
      for (const { add, remove, equals } of planShardFold(shard, epochs)) {
        const when = Object.entries(equals).map(
          ([attribute, value]): Condition => ({ attribute, is: '=', value }),
        );
        await this.#table.write({ update: key, add, remove, when });
      }
    }
  }

  async #shards(rollout: string): Promise<Item[]> {
    const keys = Array.from({ length: COUNTER_SHARDS }, (_, shard) => counterKey(rollout, shard));
    const items = await this.#table.get(keys, { consistent: true });
    return items.filter((item) => item !== undefined);
  }
}
