import type { Item, PutWrite, Table, TransactWrite } from '#shared/capabilities/table.ts';
import { thingOf } from '#shared/contracts/names.ts';
import { type Attempt, isOpen } from '../domain/attempt/attempt.ts';
import { packAttempt, unpackAttempt } from '../domain/attempt/attempt-row.ts';
import { type CounterDeltas, sumDeltas } from '../domain/counting/counters.ts';
import {
  type DeviceChange,
  type DeviceRecord,
  type HeldAttempt,
  mayHaveEndedIn,
  staysWithDevice,
} from '../domain/device/device.ts';
import { count } from '../domain/row/attributes.ts';
import { countWrites } from './counter-store.ts';
import { type Deadline, deadlineWrites } from './deadline-store.ts';
import { deviceWrite } from './device-store.ts';
import { attemptKey, attemptPartition, DEVICE_BUCKETS, takenOutKey } from './keys.ts';
import { enterWrites, type QuarantineDecision } from './quarantine-writes.ts';
import { isUnreadableDevice, readOr, type UnreadableDevice } from './unreadable-device.ts';

/**
 * A device's attempt in a rollout, absent where it never had one. The device's item holds it while it is open, and if it ends as good
 * until the next; any other that has ended has an item of its own, of that `revision`, which is 0 where there is none.
 */
export interface AttemptRecord {
  readonly rollout: string;
  readonly tenant: string;
  readonly deviceId: string;
  readonly attempt?: Attempt;
  readonly revision: number;
}

/** An attempt that moves, what that adds to the counters, and what it changes of its device, which holds it while it is open. */
export interface Move {
  readonly record: AttemptRecord;
  readonly attempt: Attempt;
  readonly deltas: CounterDeltas;
  readonly device: { readonly record: DeviceRecord; readonly change: DeviceChange };
  /** Where its device is put in quarantine with it. Such a move is saved alone. */
  readonly quarantine?: QuarantineDecision;
}

/** At most so many moves in one transaction: row, device and list of each, and one counter shard, below DynamoDB's 100. */
export const MOVES_PER_TRANSACTION = 24;

/** Whether nothing has to change together with the device: the attempt goes on, and nothing is counted. */
export const isPlain = ({ attempt, deltas, quarantine }: Move): boolean =>
  isOpen(attempt) && Object.keys(deltas).length === 0 && quarantine === undefined;

/**
 * The write that puts the item of an attempt that has ended. Of one that ends now, the write of its device says that nobody else was
 * quicker; one that had ended must be as it was read.
 */
function endedWrite({ record, attempt, device }: Move): PutWrite {
  const { rollout, tenant, deviceId, revision } = record;
  const hadEnded = record.attempt !== undefined && !isOpen(record.attempt);
  return {
    put: {
      ...attemptKey(rollout, tenant, deviceId),
      ...packAttempt(attempt),
      revision: hadEnded ? revision + 1 : device.record.revision + 1,
    },
    ...(hadEnded && {
      when: [
        { attribute: 'id', is: '=', value: attempt.id },
        { attribute: 'revision', is: '=', value: revision },
      ],
    }),
  };
}

/** The attempt of that rollout that the device itself holds. */
function heldBy({ open, proven }: DeviceRecord, rollout: string): HeldAttempt | undefined {
  return [open, proven].find((held) => held?.rollout === rollout);
}

/** The row of an attempt that its device has held until now, as good; it never changes. */
export function provenRow(tenant: string, deviceId: string, { rollout, row }: HeldAttempt): Item {
  return { ...attemptKey(rollout, tenant, deviceId), ...packAttempt(row), revision: 1 };
}

/** The attempts of devices in rollouts: open and proven ones inside of their devices, others as items of their own. */
export class AttemptStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /**
   * Attempts of devices that were read just now, in the order asked. What a device does not remember is not read; one that cannot be
   * read does not keep the others from being served.
   */
  async readAll(
    asked: readonly { readonly rollout: string; readonly device: DeviceRecord }[],
  ): Promise<(AttemptRecord | UnreadableDevice)[]> {
    const ended = asked.filter(
      ({ rollout, device }) => heldBy(device, rollout) === undefined && mayHaveEndedIn(device, rollout),
    );
    const keys = ended.map(({ rollout, device }) => attemptKey(rollout, device.tenant, device.deviceId));
    const items = await this.#table.get(keys, { consistent: true });
    const rowOf = new Map(ended.map((one, at) => [one, items[at]]));
    return asked.map((one) => {
      const { rollout, device } = one;
      const { tenant, deviceId } = device;
      const about = { rollout, tenant, deviceId };
      const held = heldBy(device, rollout);
      if (held !== undefined) return { ...about, attempt: held.row, revision: 0 };
      const item = rowOf.get(one);
      return item === undefined ? { ...about, revision: 0 } : readRow(about, item);
    });
  }

  /** How many attempts of a rollout have left the evidence because their devices are in quarantine. Throws `UnreadableRowError`. */
  async takenOut(rollout: string): Promise<number> {
    const [item] = await this.#table.get([takenOutKey(rollout)], { consistent: true });
    return item === undefined ? 0 : count('attempts', item.attempts);
  }

  /**
   * Every attempt of a rollout that has a row, so all that ended badly: a long read, for what has to look at all of them. Throws
   * `UnreadableRowError`.
   */
  async readEnded(rollout: string, tenant: string): Promise<AttemptRecord[]> {
    const rows: AttemptRecord[] = [];
    for (let bucket = 0; bucket < DEVICE_BUCKETS; bucket += 1) {
      let cursor: string | undefined;
      do {
        const options = { limit: 500, ...(cursor !== undefined && { cursor }) };
        const page = await this.pageEnded(rollout, tenant, bucket, options);
        for (const row of page.rows) {
          if (isUnreadableDevice(row)) throw row.unreadable;
          rows.push(row);
        }
        cursor = page.cursor;
      } while (cursor !== undefined);
    }
    return rows;
  }

  /** A page of the rows of one bucket (0 to 255) of a rollout, from an id on, as they are committed. */
  async pageEnded(
    rollout: string,
    tenant: string,
    bucket: number,
    options: { readonly limit: number; readonly from?: string; readonly cursor?: string },
  ): Promise<{ readonly rows: (AttemptRecord | UnreadableDevice)[]; readonly cursor?: string }> {
    const { items, cursor } = await this.#table.query({
      partition: attemptPartition(rollout, bucket),
      consistent: true,
      ...options,
    });
    const rows = items.map((item) => readRow({ rollout, tenant, deviceId: String(item.sk) }, item));
    return { rows, ...(cursor !== undefined && { cursor }) };
  }

  /**
   * Writes moves of one rollout together with their counters and deadlines, in one transaction: either all of it, or nothing and the
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
      const { attempt, device, quarantine } = move;
      const own = [
        ...(isOpen(attempt) || staysWithDevice(attempt) ? [] : [endedWrite(move)]),
        ...(Object.keys(device.change).length > 0 ? [deviceWrite(device.record, device.change)] : []),
        ...(quarantine ? enterWrites(device.record, quarantine) : []),
      ];
      writes.push(...own);
      moveOf.push(...own.map(() => move));
    }
    writes.push(...countWrites(rollout, options.shard, sumDeltas(moves.map(({ deltas }) => deltas))));
    writes.push(...deadlineWrites(rollout, moves.flatMap(soonerDeadline), { ...options, id: options.token }));
    const result = await this.#table.transact(writes, { token: options.token });
    if (result.outcome === 'written') return { saved: true };
    const overtaken = result.failed.flatMap(({ index }) => moveOf[index] ?? []);
    return { saved: false, overtaken: [...new Set(overtaken)] };
  }

  /**
   * Writes moves of one rollout that are `isPlain`, each by itself, for half of what a transaction costs; answers those that somebody
   * else was quicker with. Their deadlines are listed first: whoever looks in between finds the deadline before, which is listed
   * again then.
   */
  async saveEach(
    rollout: string,
    moves: readonly Move[],
    options: { readonly shard: number; readonly token: string },
  ): Promise<readonly Move[]> {
    const sooner = moves.flatMap(soonerDeadline);
    for (const list of deadlineWrites(rollout, sooner, { ...options, id: options.token }))
      await this.#table.write(list);
    const results = await Promise.all(
      moves.map(({ device }) => this.#table.write(deviceWrite(device.record, device.change))),
    );
    return moves.filter((_, at) => results[at]?.outcome !== 'written');
  }
}

/** A deadline that comes sooner than the one before, for which there is a list. */
function soonerDeadline({ record, attempt }: Move): Deadline[] {
  const { deadlineMs: atMs } = attempt;
  const isSooner = atMs !== undefined && atMs < (record.attempt?.deadlineMs ?? Number.POSITIVE_INFINITY);
  return isSooner ? [{ deviceId: record.deviceId, atMs }] : [];
}

// Written by `endedWrite` and `provenRow`.
const readRow = (
  about: Pick<AttemptRecord, 'rollout' | 'tenant' | 'deviceId'>,
  item: Item,
): AttemptRecord | UnreadableDevice =>
  readOr(about, `attempt of ${thingOf(about.tenant, about.deviceId)} in ${about.rollout}`, () => ({
    ...about,
    attempt: unpackAttempt(item),
    revision: count('revision', item.revision),
  }));
