import type { Item, Key, PutWrite, Table } from '#shared/capabilities/table.ts';
import { count, text } from '../domain/row/attributes.ts';
import { DEADLINE_SHARDS, deadlineKey, deadlinePartition } from './keys.ts';

/** When to look at the open attempt of a device, milliseconds since 1970. */
export interface Deadline {
  readonly deviceId: string;
  readonly atMs: number;
}

/** Devices whose attempts are to be looked at from `dueMs` on. */
export interface DeadlineList {
  readonly key: Key;
  readonly dueMs: number;
  readonly devices: readonly string[];
}

/** Where lists of deadlines lie, and how many there may be. */
export interface ListingOptions {
  readonly shard: number;
  readonly id: string;
  readonly most?: number;
}

/** Names of at most so many devices in one list: some two kilobytes where they are as long as they may be. */
const MOST_DEVICES = 49;
/** Deadlines that are further apart are not in one list, so that the first of them does not bring all the others up again. */
const TOGETHER_MS = 60_000;

/** Names of so many devices always fit into so many lists, however far apart their deadlines are. */
export const listsNeededFor = (devices: number): number => Math.ceil(devices / MOST_DEVICES);

/**
 * The writes that list these deadlines of one rollout: one list for a batch whose deadlines are close together, more for others, but
 * never more than `most`, which must be at least `listsNeededFor` them: where minutes of their own would be too many lists, deadlines
 * share lists that are due with the first of each. `shard` is any whole number, `id` was never used before; both decide where the
 * lists lie.
 */
export function deadlineWrites(
  rollout: string,
  deadlines: readonly Deadline[],
  { shard, id, most = Number.POSITIVE_INFINITY }: ListingOptions,
): PutWrite[] {
  const inOrder = deadlines.toSorted((one, other) => one.atMs - other.atMs);
  const byMinute = [...Map.groupBy(inOrder, ({ atMs }) => Math.floor(atMs / TOGETHER_MS)).values()];
  const apart = byMinute.flatMap(inParts);
  const lists = apart.length <= most ? apart : inParts(inOrder);
  return lists.map((some, part) => {
    const dueMs = some[0]?.atMs ?? 0;
    const devices = some.map(({ deviceId }) => deviceId).join(' ');
    const key = deadlineKey(rollout, shard % DEADLINE_SHARDS, dueMs, `${id}#${part}`);
    return { put: { ...key, dueMs, devices } };
  });
}

function inParts(deadlines: readonly Deadline[]): Deadline[][] {
  return Array.from({ length: listsNeededFor(deadlines.length) }, (_, part) =>
    deadlines.slice(part * MOST_DEVICES, (part + 1) * MOST_DEVICES),
  );
}

/**
 * When open attempts fall due: lists that name the devices of a batch, so that a whole batch costs what an index entry for each of its
 * rows would cost for one. A list says when to look and nothing more: the row knows its deadline, and whether it is open still. Of
 * each open attempt there is a list at or before its deadline, because it is written in one transaction with the row.
 */
export class DeadlineStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** Lists deadlines anew. Listing some twice only means looking twice. */
  async list(
    rollout: string,
    deadlines: readonly Deadline[],
    options: { readonly shard: number; readonly id: string },
  ): Promise<void> {
    for (const write of deadlineWrites(rollout, deadlines, options)) await this.#table.write(write);
  }

  /**
   * Lists of one shard that are due at `untilMs`, the oldest first; what was put a moment ago may be missing. Throws
   * `UnreadableRowError`.
   */
  async due(
    rollout: string,
    shard: number,
    untilMs: number,
    options: { readonly limit: number; readonly cursor?: string },
  ): Promise<{ readonly lists: readonly DeadlineList[]; readonly cursor?: string }> {
    const { items, cursor } = await this.#table.query({
      partition: deadlinePartition(rollout, shard),
      to: deadlineKey(rollout, shard, untilMs, '~').sk,
      ...options,
    });
    return { lists: items.map(readList), ...(cursor !== undefined && { cursor }) };
  }

  /** Whether any list of that rollout is left, due or not: without one it has no open attempt. */
  async areLeft(rollout: string): Promise<boolean> {
    for (let shard = 0; shard < DEADLINE_SHARDS; shard += 1) {
      const partition = deadlinePartition(rollout, shard);
      const { items } = await this.#table.query({ partition, limit: 1, consistent: true });
      if (items.length > 0) return true;
    }
    return false;
  }

  /** Removes a list that was looked at; whoever of it is open still must be in another by then. */
  async remove({ key }: DeadlineList): Promise<void> {
    await this.#table.write({ delete: key });
  }
}

// Written by `deadlineWrites`. A list that cannot be read stays: whoever takes it for empty would forget its devices.
const readList = ({ pk, sk, dueMs, devices }: Item): DeadlineList => ({
  key: { pk: String(pk), sk: String(sk) },
  dueMs: count('deadlines.dueMs', dueMs),
  devices: text('deadlines.devices', devices).split(' '),
});
