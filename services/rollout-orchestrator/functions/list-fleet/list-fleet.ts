import type * as z from 'zod';
import type { FleetDevice, ListFleet } from '#shared/contracts/api/fleet.ts';
import type { HttpRequest } from '#shared/lambda/on-http.ts';
import { type DeviceInService, fitsChoice } from '../../domain/device/device-choice.ts';
import { versionCounts } from '../../domain/device/version-counts.ts';
import { cursorOf, FLEET_BEGIN, positionOf } from '../../domain/order/fleet-position.ts';
import { runningView } from '../../steps/running-view.ts';
import { readDevices, walkFleet } from '../../steps/walk-fleet.ts';
import type { DeviceStore } from '../../stores/device-store.ts';
import { isUnreadableDevice, type UnreadableDevice } from '../../stores/unreadable-device.ts';

interface Query {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly where?: string | undefined;
  readonly inTrouble?: 'true' | undefined;
}

/**
 * A page of the tenant's devices in service that fit, by a look at each; with limit 0 none is listed, so that the page is as long as a
 * call may look. Throws `RefusedError` for a selector that cannot be read.
 */
export async function listFleet(
  { caller: { tenant }, query }: HttpRequest<unknown, Query, undefined>,
  { devices }: { readonly devices: DeviceStore },
): Promise<z.infer<typeof ListFleet.answer>> {
  const { limit, cursor, where, inTrouble } = query;
  const fits = fitsChoice({ where, inTrouble: inTrouble === 'true' });
  const from = cursor === undefined ? FLEET_BEGIN : positionOf(cursor);
  const listsNone = limit === 0;
  let looked = 0;
  const { found, next } = await walkFleet(
    from,
    listsNone ? Number.POSITIVE_INFINITY : limit,
    async (at, buckets) => {
      const { entries, ...round } = await readDevices(devices, tenant, at, buckets);
      looked += entries.length;
      const fitting = entries.filter(
        (device): device is DeviceInService | UnreadableDevice => isUnreadableDevice(device) || fits(device),
      );
      return { ...round, found: fitting };
    },
  );
  const inService = found.flatMap((device) => (isUnreadableDevice(device) ? [] : [device]));
  return {
    devices: listsNone ? [] : inService.map(viewOf),
    versions: versionCounts(inService),
    unreadable: found.flatMap((device) =>
      isUnreadableDevice(device) ? [{ deviceId: device.deviceId, what: device.unreadable.message }] : [],
    ),
    looked,
    ...(next !== undefined && { cursor: cursorOf(next) }),
  };
}

function viewOf(device: DeviceInService): FleetDevice {
  const { deviceId, facts, quarantined } = device;
  const { product, hardware, tags } = facts;
  return { deviceId, product, hardware, tags: [...tags], ...runningView(device), quarantined };
}
