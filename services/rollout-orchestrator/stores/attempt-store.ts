import type { Item, PutWrite, Table, TransactWrite } from '#shared/capabilities/table.ts';
import type { Attempt } from '../domain/attempt/attempt.ts';
import { packAttempt, unpackAttempt } from '../domain/attempt/attempt-row.ts';
import { type CounterDeltas, sumDeltas } from '../domain/counting/counters.ts';
import type { DeviceChange, DeviceRecord } from '../domain/device/device.ts';
import { countWrites } from './counter-store.ts';
import { type Deadline, deadlineWrites } from './deadline-store.ts';
import { deviceWrite } from './device-store.ts';
import { attemptKey, attemptPartition, DEVICE_BUCKETS } from './keys.ts';

/** A device's row in a rollout; `revision` is 0 and `attempt` absent where there is none yet. */
export interface AttemptRecord {
  readonly rollout: string;
  readonly tenant: string;
  readonly deviceId: string;
  readonly attempt?: Attempt;
  readonly revision: number;
}

/** A row that moves, what that adds to the counters, and what it changes of its device. */
export interface Move {
  readonly record: AttemptRecord;
  readonly attempt: Attempt;
  readonly deltas: CounterDeltas;
  readonly device?: { readonly record: DeviceRecord; readonly change: DeviceChange };
}

/** At most so many moves in one transaction: row, device and list of each, and one counter shard, below DynamoDB's 100. */
export const MOVES_PER_TRANSACTION = 24;

/** The write that replaces a row if nobody else has changed it since it was read. */
export function attemptWrite(record: AttemptRecord, attempt: Attempt): PutWrite {
  return {
    put: {
      ...attemptKey(record.rollout, record.tenant, record.deviceId),
      // A row holds texts, numbers and flags only.
      ...(packAttempt(attempt) as unknown as Item),
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
      writes.push(attemptWrite(move.record, move.attempt));
      moveOf.push(move);
      if (move.device === undefined) continue;
      writes.push(deviceWrite(move.device.record, move.device.change));
      moveOf.push(move);
    }
    writes.push(...countWrites(rollout, options.shard, sumDeltas(moves.map(({ deltas }) => deltas))));
    writes.push(...deadlineWrites(rollout, moves.flatMap(soonerDeadline), { ...options, id: options.token }));
    const result = await this.#table.transact(writes, { token: options.token });
    if (result.outcome === 'written') return { saved: true };
    const overtaken = result.failed.flatMap(({ index }) => moveOf[index] ?? []);
    return { saved: false, overtaken: [...new Set(overtaken)] };
  }
}

/** A deadline that comes sooner than the one before, for which there is a list. */
function soonerDeadline({ record, attempt }: Move): Deadline[] {
  const { deadlineMs: atMs } = attempt;
  const isSooner = atMs !== undefined && atMs < (record.attempt?.deadlineMs ?? Number.POSITIVE_INFINITY);
  return isSooner ? [{ deviceId: record.deviceId, atMs }] : [];
}

// Written by `attemptWrite` alone.
const readRow = (item: Item): Pick<AttemptRecord, 'attempt' | 'revision'> => ({
  attempt: unpackAttempt(item),
  revision: Number(item.revision),
});
