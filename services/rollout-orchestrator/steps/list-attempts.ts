import type { Attempt } from '../domain/attempt/attempt.ts';
import { haveRows, isListed, type ListedFilter } from '../domain/attempt/listed-end.ts';
import type { DeviceRecord } from '../domain/device/device.ts';
import type { FleetPosition } from '../domain/order/fleet-position.ts';
import type { AttemptStore } from '../stores/attempt-store.ts';
import type { DeviceStore } from '../stores/device-store.ts';
import { isUnreadableDevice, type UnreadableDevice } from '../stores/unreadable-device.ts';
import { readBuckets, readDevices, walkFleet } from './walk-fleet.ts';

/** What listing attempts needs. */
export interface ListingNeeds {
  readonly devices: DeviceStore;
  readonly attempts: AttemptStore;
}

/** Whose attempts are listed, and which. */
export interface Listing extends ListedFilter {
  readonly rollout: string;
  readonly tenant: string;
}

/** A device with its attempt in the rollout. */
export interface ListedAttempt {
  readonly tenant: string;
  readonly deviceId: string;
  readonly device: DeviceRecord;
  readonly attempt: Attempt;
}

type Found = ListedAttempt | UnreadableDevice;

/**
 * A page of the attempts of a rollout from a position on, bucket by bucket, at most `limit`; with what cannot be read, because nobody
 * knows whether it belongs there. What ended badly is found by its rows, a few; what its device may hold by a look at every device of
 * the tenant. `next` is absent at the end.
 */
export function listAttempts(
  listing: Listing,
  from: FleetPosition,
  limit: number,
  needs: ListingNeeds,
): Promise<{ readonly found: readonly Found[]; readonly next?: FleetPosition }> {
  return walkFleet(from, limit, (at, buckets) => readRound(listing, at, buckets, needs));
}

/** Devices that may be listed: those of the tenant, or those that have rows in the rollout. */
async function readRound(listing: Listing, at: FleetPosition, buckets: number, needs: ListingNeeds) {
  const { devices, attempts } = needs;
  const { rollout, tenant } = listing;
  if (!haveRows(listing)) {
    const { entries, ...round } = await readDevices(devices, tenant, at, buckets);
    return { ...round, found: await judge(listing, entries, needs) };
  }
  const { entries, ...round } = await readBuckets(at, buckets, async (bucket, options) => {
    const page = await attempts.pageEnded(rollout, tenant, bucket, options);
    return { entries: page.rows, isLast: page.cursor === undefined };
  });
  const listed = entries.filter(
    (row) => isUnreadableDevice(row) || (row.attempt !== undefined && isListed(row.attempt, listing)),
  );
  return { ...round, found: await judge(listing, await devices.readAll(listed), needs) };
}

/** Which of these devices are listed, by the attempt that each has now: a row may be followed by another attempt, which its device holds. */
async function judge(
  listing: Listing,
  candidates: readonly (DeviceRecord | UnreadableDevice)[],
  { attempts }: ListingNeeds,
): Promise<Found[]> {
  const { rollout } = listing;
  const asked = candidates.flatMap((device) => (isUnreadableDevice(device) ? [] : [{ rollout, device }]));
  const rows = await attempts.readAll(asked);
  const rowOf = new Map(asked.map(({ device }, at) => [device, rows[at]]));
  return candidates.flatMap((device): Found[] => {
    if (isUnreadableDevice(device)) return [device];
    const row = rowOf.get(device);
    if (row === undefined) return [];
    if (isUnreadableDevice(row)) return [row];
    const { attempt, tenant, deviceId } = row;
    if (attempt === undefined || !isListed(attempt, listing)) return [];
    return [{ tenant, deviceId, device, attempt }];
  });
}
