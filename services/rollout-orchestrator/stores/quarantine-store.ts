import type { Table } from '#shared/capabilities/table.ts';
import type { DeviceRecord } from '../domain/device/device.ts';
import { RELEASED } from '../domain/device/quarantine.ts';
import { count } from '../domain/row/attributes.ts';
import { deviceWrite } from './device-store.ts';
import { quarantinePartition } from './keys.ts';
import { type QuarantineDecision, releaseWrites } from './quarantine-writes.ts';

/** A device in quarantine, and since when, in milliseconds since 1970. */
export interface Quarantined {
  readonly deviceId: string;
  readonly sinceMs: number;
}

/** The devices that are in quarantine. */
export class QuarantineStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** Releases a device that was read just now; `false` when somebody else has changed it since. */
  async release(device: DeviceRecord, decision: QuarantineDecision): Promise<boolean> {
    const writes = [deviceWrite(device, RELEASED), ...releaseWrites(device, decision)];
    const { outcome } = await this.#table.transact(writes, { token: decision.id });
    return outcome === 'written';
  }

  /** A page of those that are in it, in the order of their ids. Throws `UnreadableRowError`. */
  async list(
    tenant: string,
    options: { readonly limit: number; readonly cursor?: string },
  ): Promise<{ readonly devices: Quarantined[]; readonly cursor?: string }> {
    const range = { partition: quarantinePartition(tenant), consistent: true, ...options };
    const { items, cursor } = await this.#table.query(range);
    const devices = items.map(({ sk, sinceMs }) => ({
      deviceId: String(sk),
      sinceMs: count('sinceMs', sinceMs),
    }));
    return { devices, ...(cursor !== undefined && { cursor }) };
  }
}
