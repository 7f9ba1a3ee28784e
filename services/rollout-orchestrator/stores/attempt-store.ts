import type { Item, PutWrite, Table, TransactWrite } from '#shared/capabilities/table.ts';
import type { Attempt } from '../domain/attempt/attempt.ts';
import { packAttempt, unpackAttempt } from '../domain/attempt/attempt-row.ts';
import { type CounterDeltas, sumDeltas } from '../domain/counting/counters.ts';
import type { DeviceChange, DeviceRecord } from '../domain/device/device.ts';
import { countWrites } from './counter-store.ts';
import { deviceWrite } from './device-store.ts';
import { attemptKey, attemptPartition, DEVICE_BUCKETS, SILENCE_SHARDS, silencePartition } from './keys.ts';

/** A device's row in a rollout; `revision` is 0 and `attempt` absent where there is none yet. */
export interface AttemptRecord {
  readonly rollout: string;
  readonly tenant: string;
  readonly deviceId: string;
  readonly attempt?: Attempt;
  readonly revision: number;
  /** Where the row stands in the silence index: never later than its deadline. */
  readonly dueMs?: number;
}

/** A row that is past its deadline, by the index; the row itself decides. */
export interface DueDevice {
  readonly rollout: string;
  readonly deviceId: string;
}

/** A row that moves, what that adds to the counters, and what it changes of its device. */
export interface Move {
  readonly record: AttemptRecord;
  readonly attempt: Attempt;
  readonly deltas: CounterDeltas;
  /** Whether its place in the silence index, which has come, is moved on to its deadline. */
  readonly moveOn?: boolean;
  readonly device?: { readonly record: DeviceRecord; readonly change: DeviceChange };
}

/** At most so many moves in one transaction: row and device of each, and one counter shard, below DynamoDB's 100. */
export const MOVES_PER_TRANSACTION = 24;

/**
 * Where a row with that deadline stands in the silence index. It stays where it is as long as that is soon enough: most
 * attempts end before anybody looks, and a place that changes costs two writes.
 */
function placeOf({ dueMs }: AttemptRecord, { deadlineMs }: Attempt, moveOn: boolean): number | undefined {
  if (deadlineMs === undefined || dueMs === undefined || moveOn) return deadlineMs;
  return Math.min(dueMs, deadlineMs);
}

/** The write that replaces a row if nobody else has changed it since it was read. */
export function attemptWrite(record: AttemptRecord, attempt: Attempt, moveOn = false): PutWrite {
  const key = attemptKey(record.rollout, record.tenant, record.deviceId);
  const shard = Number.parseInt(key.pk.slice(-2), 16) % SILENCE_SHARDS;
  const dueMs = placeOf(record, attempt, moveOn);
  return {
    put: {
      ...key,
      // A row holds texts, numbers and flags only.
      ...(packAttempt(attempt) as unknown as Item),
      ...(dueMs !== undefined && { silent: silencePartition(record.rollout, shard), dueMs }),
      revision: record.revision + 1,
    },
    when: [
      record.revision === 0
        ? { attribute: 'pk', is: 'absent' }
        : { attribute: 'revision', is: '=', value: record.revision },
    ],
  };
}

/** The update rows: one per device and rollout, from its first permit on. */
export class AttemptStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** Rows as they are committed, in the order asked. */
  async readAll(
    rows: readonly { readonly rollout: string; readonly tenant: string; readonly deviceId: string }[],
  ): Promise<AttemptRecord[]> {
    const keys = rows.map(({ rollout, tenant, deviceId }) => attemptKey(rollout, tenant, deviceId));
    const items = await this.#table.get(keys, { consistent: true });
    return rows.map(({ rollout, tenant, deviceId }, index) => {
      const item = items[index];
      if (item === undefined) return { rollout, tenant, deviceId, revision: 0 };
      return { rollout, tenant, deviceId, ...readRow(item) };
    });
  }

  /** Every row of a rollout: a long read, for what has to look at all of them. */
  async readWhole(rollout: string, tenant: string): Promise<AttemptRecord[]> {
    const rows: AttemptRecord[] = [];
    for (let bucket = 0; bucket < DEVICE_BUCKETS; bucket += 1) {
      let cursor: string | undefined;
      do {
        const page = await this.#table.query({
          partition: attemptPartition(rollout, bucket),
          limit: 500,
          consistent: true,
          ...(cursor !== undefined && { cursor }),
        });
        for (const item of page.items) {
          rows.push({ rollout, tenant, deviceId: String(item.sk), ...readRow(item) });
        }
        cursor = page.cursor;
      } while (cursor !== undefined);
    }
    return rows;
  }

  /** Open attempts of one shard (0 to 15) whose deadline may be at or before `untilMs`, the oldest first: the row knows. */
  async due(
    rollout: string,
    shard: number,
    untilMs: number,
    options: { readonly limit: number; readonly cursor?: string },
  ): Promise<{ due: DueDevice[]; cursor?: string }> {
    const { items, cursor } = await this.#table.query({
      index: 'silence',
      partition: silencePartition(rollout, shard),
      to: untilMs,
      ...options,
    });
    const due = items.map((item) => ({ rollout, deviceId: String(item.sk) }));
    return { due, ...(cursor !== undefined && { cursor }) };
  }

  /**
   * Writes moves of one rollout together with their counters, in one transaction: either all of it, or nothing and the
   * moves that somebody else was quicker with. At most `MOVES_PER_TRANSACTION`.
   */
  async save(
    rollout: string,
    moves: readonly Move[],
    options: { readonly shard: number; readonly token: string },
  ): Promise<{ readonly saved: true } | { readonly saved: false; readonly overtaken: readonly Move[] }> {
    const writes: TransactWrite[] = [];
    const moveOf: (Move | undefined)[] = [];
    for (const move of moves) {
      writes.push(attemptWrite(move.record, move.attempt, move.moveOn));
      moveOf.push(move);
      if (move.device === undefined) continue;
      writes.push(deviceWrite(move.device.record, move.device.change));
      moveOf.push(move);
    }
    writes.push(...countWrites(rollout, options.shard, sumDeltas(moves.map(({ deltas }) => deltas))));
    const result = await this.#table.transact(writes, { token: options.token });
    if (result.outcome === 'written') return { saved: true };
    const overtaken = result.failed.flatMap(({ index }) => moveOf[index] ?? []);
    return { saved: false, overtaken: [...new Set(overtaken)] };
  }
}

// Written by `attemptWrite` alone.
function readRow(item: Item): Pick<AttemptRecord, 'attempt' | 'revision' | 'dueMs'> {
  const { dueMs } = item;
  return {
    attempt: unpackAttempt(item),
    revision: Number(item.revision),
    ...(typeof dueMs === 'number' && { dueMs }),
  };
}
