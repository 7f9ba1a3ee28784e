import type { Attempt } from '../domain/attempt/attempt.ts';
import { haveRows, isListed, type ListedFilter } from '../domain/attempt/listed-end.ts';
import type { DeviceRecord } from '../domain/device/device.ts';
import { type FleetPosition, firstIdBehind } from '../domain/order/fleet-position.ts';
import type { AttemptStore } from '../stores/attempt-store.ts';
import type { DeviceStore } from '../stores/device-store.ts';
import { bucketNumberOf, DEVICE_BUCKETS } from '../stores/keys.ts';
import { isUnreadableDevice, type UnreadableDevice } from '../stores/unreadable-device.ts';

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

/** At most about so many rows are asked for at once. */
const ROUND = 200;
/** At most so many buckets are asked at once, where they are nearly empty. */
const MOST_BUCKETS = 16;
/** A page ends after it has looked at so many rows or asked so many buckets, whatever it has found. */
const MOST_LOOKED_AT = 1_000;

/**
 * A page of the attempts of a rollout from a position on, bucket by bucket, at most `limit`; with what cannot be read, because nobody
 * knows whether it belongs there. What ended badly is found by its rows, a few; what its device may hold by a look at every device of
 * the tenant. `next` is absent at the end.
 */
export async function listAttempts(
  listing: Listing,
  from: FleetPosition,
  limit: number,
  needs: ListingNeeds,
): Promise<{ readonly found: readonly Found[]; readonly next?: FleetPosition }> {
  const found: Found[] = [];
  let at = from;
  let buckets = 1;
  let lookedAt = 0;
  while (at.bucket < DEVICE_BUCKETS && found.length < limit && lookedAt < MOST_LOOKED_AT) {
    const round = await readRound(listing, at, Math.min(buckets, DEVICE_BUCKETS - at.bucket), needs);
    const room = limit - found.length;
    found.push(...round.found.slice(0, room));
    lookedAt += round.lookedAt;
    const last = found.at(-1);
    at = round.found.length > room && last !== undefined ? behind(last) : round.next;
    buckets = at.afterId === undefined ? Math.min(MOST_BUCKETS, buckets * 2) : 1;
  }
  return { found, ...(at.bucket < DEVICE_BUCKETS && { next: at }) };
}

const behind = ({ tenant, deviceId }: Found): FleetPosition => ({
  bucket: bucketNumberOf(tenant, deviceId),
  afterId: deviceId,
});

/** Devices that may be listed: those of the tenant, or those that have rows in the rollout. */
async function readRound(listing: Listing, at: FleetPosition, buckets: number, needs: ListingNeeds) {
  const { devices, attempts } = needs;
  const { rollout, tenant } = listing;
  if (!haveRows(listing)) {
    const { entries, ...round } = await readBuckets(at, buckets, async (bucket, options) => {
      const page = await devices.page(tenant, bucket, options);
      return { entries: page.devices, isLast: page.cursor === undefined };
    });
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

/** Reads so many buckets at once, up to the end of the first that holds more than its share of the round. */
async function readBuckets<Entry extends { readonly deviceId: string }>(
  at: FleetPosition,
  buckets: number,
  read: (
    bucket: number,
    options: { readonly limit: number; readonly from?: string },
  ) => Promise<{ readonly entries: readonly Entry[]; readonly isLast: boolean }>,
) {
  const limit = Math.ceil(ROUND / buckets);
  const pages = await Promise.all(
    Array.from({ length: buckets }, (_, index) => {
      const from = index === 0 ? firstIdBehind(at) : undefined;
      return read(at.bucket + index, { limit, ...(from !== undefined && { from }) });
    }),
  );
  const full = pages.findIndex(({ isLast }) => !isLast);
  const taken = full === -1 ? pages : pages.slice(0, full + 1);
  const lastId = full === -1 ? undefined : pages[full]?.entries.at(-1)?.deviceId;
  return {
    entries: taken.flatMap(({ entries }) => entries),
    lookedAt: pages.reduce((sum, { entries }) => sum + Math.max(1, entries.length), 0),
    next:
      lastId === undefined
        ? { bucket: at.bucket + taken.length }
        : { bucket: at.bucket + full, afterId: lastId },
  };
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
