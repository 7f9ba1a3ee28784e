import type { Item, Table, UpdateWrite, Value } from '#shared/capabilities/table.ts';
import type { DeviceChanged } from '#shared/contracts/events/device-changed.ts';
import { thingOf } from '#shared/contracts/names.ts';
import { packAttempt } from '../domain/attempt/attempt-row.ts';
import type { DeviceChange, DeviceRecord } from '../domain/device/device.ts';
import { unpackDevice } from '../domain/device/device-row.ts';
import { deviceKey, devicePartition } from './keys.ts';
import { enterWrites, type QuarantineDecision } from './quarantine-writes.ts';
import { isUnreadableDevice, readOr, type UnreadableDevice } from './unreadable-device.ts';

/** The write that changes a device if nobody else has changed it since it was read. */
export function deviceWrite(device: DeviceRecord, change: DeviceChange): UpdateWrite {
  const set: Record<string, Value> = { revision: device.revision + 1 };
  const remove: string[] = [];
  for (const [name, value] of Object.entries(change)) {
    if (value === null) remove.push(name);
    else if (name === 'open' || name === 'proven') set[name] = packHeld(change[name]);
    else if (value !== undefined) set[name] = value;
  }
  return {
    update: deviceKey(device.tenant, device.deviceId),
    set,
    remove,
    when: [
      device.revision === 0
        ? { attribute: 'revision', is: 'absent' }
        : { attribute: 'revision', is: '=', value: device.revision },
    ],
  };
}

/** An attempt that a device holds, flat: its rollout, and the attempt as an item of its own would hold it. */
function packHeld(held: DeviceChange['open']): Value {
  return held ? { rollout: held.rollout, ...packAttempt(held.row) } : null;
}

/** The devices of this service. */
export class DeviceStore {
  readonly #table: Table;
  /** What was read last. */
  #last: { readonly item: Item | undefined; readonly record: DeviceRecord } | undefined;

  constructor(table: Table) {
    this.#table = table;
  }

  /**
   * One device; a record without facts when nothing is known of it. A home that keeps items in memory hands out the very same one as
   * long as nobody has written it: then this answers the very same record. Throws `UnreadableRowError`.
   */
  async read(tenant: string, deviceId: string, options: { consistent: boolean }): Promise<DeviceRecord> {
    const [item] = await this.#table.get([deviceKey(tenant, deviceId)], options);
    if (item !== undefined && item === this.#last?.item) return this.#last.record;
    const record = readDevice(tenant, deviceId, item);
    if (isUnreadableDevice(record)) throw record.unreadable;
    this.#last = { item, record };
    return record;
  }

  /** Devices as they are committed, in the order asked; one that cannot be read does not keep the others from being served. */
  async readAll(
    devices: readonly { readonly tenant: string; readonly deviceId: string }[],
  ): Promise<(DeviceRecord | UnreadableDevice)[]> {
    const keys = devices.map(({ tenant, deviceId }) => deviceKey(tenant, deviceId));
    const items = await this.#table.get(keys, { consistent: true });
    return devices.map(({ tenant, deviceId }, index) => readDevice(tenant, deviceId, items[index]));
  }

  /**
   * A page of one bucket (0 to 255) of a tenant's devices, from an id on, as they are committed: what is counted becomes a ceiling.
   */
  async page(
    tenant: string,
    bucket: number,
    options: { readonly limit: number; readonly from?: string; readonly cursor?: string },
  ): Promise<{ devices: (DeviceRecord | UnreadableDevice)[]; cursor?: string }> {
    const { items, cursor } = await this.#table.query({
      partition: devicePartition(tenant, bucket),
      consistent: true,
      ...options,
    });
    const devices = items.map((item) => readDevice(tenant, String(item.sk), item));
    return { devices, ...(cursor !== undefined && { cursor }) };
  }

  /**
   * Applies what the registry says if it is newer than what is known; answers whether nothing was known before. Whoever has judged the
   * device by what was known, and has not written yet, must judge it again: a permit would go to who has left.
   */
  async applyFacts(event: DeviceChanged): Promise<{ readonly isFirst: boolean }> {
    const { tenant, deviceId, entityVersion, product, hardware, tags, attributes, decommissioned } = event;
    const { registeredAtMs } = event;
    const facts = { entityVersion, product, hardware, tags, attributes, decommissioned };
    const change = {
      update: deviceKey(tenant, deviceId),
      set: { ...facts, ...(registeredAtMs !== undefined && { registeredAtMs }) },
      add: { revision: 1 },
    };
    const first = await this.#table.write({
      ...change,
      when: [{ attribute: 'entityVersion', is: 'absent' }],
    });
    if (first.outcome === 'written') return { isFirst: true };
    await this.#table.write({
      ...change,
      when: [{ attribute: 'entityVersion', is: '<=', value: entityVersion - 1 }],
    });
    return { isFirst: false };
  }

  /** Changes a device that has no attempt to move; `false` when somebody else changed it first. */
  async change(
    device: DeviceRecord,
    change: DeviceChange,
    quarantine?: QuarantineDecision,
  ): Promise<boolean> {
    const write = deviceWrite(device, change);
    const { outcome } =
      quarantine === undefined
        ? await this.#table.write(write)
        : await this.#table.transact([write, ...enterWrites(device, quarantine)], { token: quarantine.id });
    return outcome === 'written';
  }
}

const readDevice = (
  tenant: string,
  deviceId: string,
  item: Item | undefined,
): DeviceRecord | UnreadableDevice =>
  readOr({ tenant, deviceId }, `device ${thingOf(tenant, deviceId)}`, () =>
    unpackDevice(tenant, deviceId, item),
  );
