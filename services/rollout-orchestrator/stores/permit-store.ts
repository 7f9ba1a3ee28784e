import { TRANSACTION_WRITES_LIMIT } from '#shared/capabilities/limits/transaction.ts';
import type { Table, TransactWrite } from '#shared/capabilities/table.ts';
import type { Attempt } from '../domain/attempt/attempt.ts';
import { sumDeltas } from '../domain/counting/counters.ts';
import { beginningOf } from '../domain/counting/fold-facts.ts';
import { type DeviceChange, type DeviceRecord, heldIn } from '../domain/device/device.ts';
import { provenRow } from './attempt-store.ts';
import { countWrites } from './counter-store.ts';
import { deadlineWrites } from './deadline-store.ts';
import { deviceWrite } from './device-store.ts';
import { type Gate, grantWrite } from './gate-store.ts';

/** A permit to be granted: the attempt that it opens, the device that will hold it, and what else that changes of the device. */
export interface Grant {
  readonly device: DeviceRecord;
  readonly attempt: Attempt;
  readonly change: DeviceChange;
}

/**
 * At most so many permits in one transaction: the device of each, the gate, a counter shard and the two lists that so many devices fit
 * into whatever their deadlines, are DynamoDB's 100.
 */
export const PERMITS_PER_TRANSACTION = 96;

/** What became of a transaction: granted whole, or not at all because the gate or some devices had changed. */
export type GrantResult =
  | { readonly granted: true }
  | { readonly granted: false; readonly gateMoved: boolean; readonly overtaken: readonly Grant[] };

/** Permits: devices and the gate in one transaction. Exposure is the granting of a permit. */
export class PermitStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /**
   * Grants permits of one rollout, all or none: if the gate is still running in the epoch that was read and has room in every
   * ceiling, and each device still has no open attempt anywhere. What is counted goes to that counter shard. The attempt takes the
   * place of one that the device has held since it was proven, whose row is put first: outside of the transaction, because it is the
   * same however often it is put.
   */
  async grant(
    rollout: string,
    gate: Gate,
    grants: readonly Grant[],
    { shard, token }: { readonly shard: number; readonly token: string },
  ): Promise<GrantResult> {
    const byCohort = new Map<number, number>();
    for (const { attempt } of grants) byCohort.set(attempt.cohort, (byCohort.get(attempt.cohort) ?? 0) + 1);
    const writes: TransactWrite[] = [grantWrite(rollout, gate, byCohort)];
    await this.#putProven(grants);
    for (const { device, attempt, change } of grants) {
      const held = { open: heldIn(rollout, attempt), ...(device.proven && { proven: null }) };
      const { when = [], ...opening } = deviceWrite(device, { ...change, ...held });
      writes.push({ ...opening, when: [...when, { attribute: 'open', is: 'absent' }] });
    }
    // Who begins with its permit is counted as installing at once.
    writes.push(...countWrites(rollout, shard, sumDeltas(grants.map(({ attempt }) => beginningOf(attempt)))));
    const deadlines = grants.map(({ device: { deviceId }, attempt: { deadlineMs, permitEndMs } }) => ({
      deviceId,
      atMs: deadlineMs ?? permitEndMs,
    }));
    const most = TRANSACTION_WRITES_LIMIT - writes.length;
    writes.push(...deadlineWrites(rollout, deadlines, { shard, id: token, most }));
    const result = await this.#table.transact(writes, { token });
    if (result.outcome === 'written') return { granted: true };
    const overtaken = new Set<Grant>();
    for (const { index } of result.failed) {
      const grant = index === 0 ? undefined : grants[index - 1];
      if (grant !== undefined) overtaken.add(grant);
    }
    return {
      granted: false,
      gateMoved: result.failed.some(({ index }) => index === 0),
      overtaken: [...overtaken],
    };
  }

  async #putProven(grants: readonly Grant[]): Promise<void> {
    const rows = grants.flatMap(({ device: { tenant, deviceId, proven } }) =>
      proven === undefined ? [] : [provenRow(tenant, deviceId, proven)],
    );
    await Promise.all(rows.map((put) => this.#table.write({ put })));
  }
}
