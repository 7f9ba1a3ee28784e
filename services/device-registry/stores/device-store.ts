import type { PutWrite, Table } from '#shared/capabilities/table.ts';
import { DeviceChanged } from '#shared/contracts/events/device-changed.ts';
import { splitThing } from '#shared/contracts/names.ts';
import { outboxEntry } from '#shared/outbox/outbox.ts';
import { savedOrStale } from '#shared/retry/saved-or-stale.ts';
import { type Device, deviceChanged } from '../domain/device.ts';
import { auditEntry, type Decision } from './audit-entry.ts';
import { deviceKey, devicePartition, fromRow, toRow } from './device-row.ts';

/** A change of one device, with what makes it known. */
export interface DeviceChange {
  /** As it was read; absent for a new one. */
  readonly before: Device | undefined;
  readonly after: Device;
  /** New for each attempt: outbox id, audit id and transaction token. */
  readonly id: string;
  readonly atMs: number;
  /** The operator's decision behind it; absent when the device itself said so. */
  readonly decision?: Decision;
}

/** A page of devices in order of id. */
export interface DevicePage {
  readonly devices: readonly Device[];
  /** Where the page ended; absent on the last page. */
  readonly lastId?: string;
}

/** Devices, their audit trail and their outbox, over the table `registry`. */
export class DeviceStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** The device as it is now; `undefined` if the tenant has none of that id. */
  async find(tenant: string, deviceId: string): Promise<Device | undefined> {
    const [item] = await this.#table.get([deviceKey(tenant, deviceId)], { consistent: true });
    return item && fromRow(item);
  }

  /** The devices of these things as they are now, in the order asked. */
  async findAll(things: readonly string[]): Promise<(Device | undefined)[]> {
    const keys = things.map((thing) => {
      const { tenant, deviceId } = splitThing(thing);
      return deviceKey(tenant, deviceId);
    });
    const items = await this.#table.get(keys, { consistent: true });
    return items.map((item) => item && fromRow(item));
  }

  /** Up to `limit` devices of a tenant in order of id, beginning with `fromId`; one just registered may be missing for a second. */
  async list(
    tenant: string,
    options: { readonly limit: number; readonly fromId?: string },
  ): Promise<DevicePage> {
    const found: string[] = [];
    // One more than asked for tells whether there is a next page.
    const wanted = options.limit + 1;
    let cursor: string | undefined;
    do {
      const page = await this.#table.query({
        index: 'byTenant',
        partition: tenant,
        limit: wanted - found.length,
        ...(options.fromId !== undefined && { from: options.fromId }),
        ...(cursor !== undefined && { cursor }),
      });
      found.push(...page.items.map((item) => String(item.deviceId)));
      cursor = page.cursor;
    } while (cursor !== undefined && found.length < wanted);
    const deviceIds = found.slice(0, options.limit);
    const keys = deviceIds.map((deviceId) => deviceKey(tenant, deviceId));
    const rows = await this.#table.get(keys, { consistent: false });
    const devices = rows.flatMap((row) => (row ? [fromRow(row)] : []));
    const lastId = deviceIds.at(-1);
    return found.length < wanted || lastId === undefined ? { devices } : { devices, lastId };
  }

  /**
   * Saves the change, tells the bus through the outbox and writes the decision into the audit log: all or nothing. `stale`
   * when the device is not as `before` says any more, or somebody is just writing it: read again and decide anew.
   */
  async save({ before, after, id, atMs, decision }: DeviceChange): Promise<'saved' | 'stale'> {
    const pk = devicePartition(after.tenant, after.deviceId);
    const writes = [rowWrite(before, after), outboxEntry(pk, DeviceChanged, deviceChanged(after, id, atMs))];
    if (decision) writes.push(auditEntry(pk, { id, atMs, decision, before, after }));
    return savedOrStale(() => this.#table.transact(writes, { token: id }));
  }

  /** Saves what is no change to anybody (`entityVersion` stays) and tells nobody; `stale` as in `save`. */
  note(before: Device, after: Device): Promise<'saved' | 'stale'> {
    return savedOrStale(() => this.#table.write(rowWrite(before, after)));
  }
}

/** The row as it becomes, if it still is as it was read: a note leaves the version as it is, but not the time. */
function rowWrite(before: Device | undefined, after: Device): PutWrite {
  if (before === undefined) return { put: toRow(after), when: [{ attribute: 'pk', is: 'absent' }] };
  const { entityVersion, inventoryAtMs } = before;
  return {
    put: toRow(after),
    when: [
      { attribute: 'entityVersion', is: '=', value: entityVersion },
      inventoryAtMs === undefined
        ? { attribute: 'inventoryAtMs', is: 'absent' }
        : { attribute: 'inventoryAtMs', is: '=', value: inventoryAtMs },
    ],
  };
}
