import { type FleetPosition, firstIdBehind } from '../domain/order/fleet-position.ts';
import type { DeviceStore } from '../stores/device-store.ts';
import { bucketNumberOf, DEVICE_BUCKETS } from '../stores/keys.ts';

/** At most about so many rows are asked for at once. */
const ROUND = 200;
/** At most so many buckets are asked at once, where they are nearly empty. */
const MOST_BUCKETS = 16;
/** A page ends after it has looked at so many rows or asked so many buckets, whatever it has found. */
const MOST_LOOKED_AT = 1_000;

/** A device, or a row of one. */
interface Placed {
  readonly tenant: string;
  readonly deviceId: string;
}

/** What was read of some buckets. */
interface Read {
  /** Rows read and buckets asked, what was read in vain included. */
  readonly lookedAt: number;
  readonly next: FleetPosition;
}

/** Some buckets, and what was found there in the order of the walk. */
interface Round<Found> extends Read {
  readonly found: readonly Found[];
}

/**
 * A page of a walk through the buckets of a fleet from a position on, at most `limit` long; it ends after a thousand rows, whatever was
 * found. `next` is absent at the end.
 */
export async function walkFleet<Found extends Placed>(
  from: FleetPosition,
  limit: number,
  readRound: (at: FleetPosition, buckets: number) => Promise<Round<Found>>,
): Promise<{ readonly found: readonly Found[]; readonly next?: FleetPosition }> {
  const found: Found[] = [];
  let at = from;
  let buckets = 1;
  let lookedAt = 0;
  while (at.bucket < DEVICE_BUCKETS && found.length < limit && lookedAt < MOST_LOOKED_AT) {
    const round = await readRound(at, Math.min(buckets, DEVICE_BUCKETS - at.bucket));
    const room = limit - found.length;
    found.push(...round.found.slice(0, room));
    lookedAt += round.lookedAt;
    const last = found.at(-1);
    at = round.found.length > room && last !== undefined ? behind(last) : round.next;
    buckets = at.afterId === undefined ? Math.min(MOST_BUCKETS, buckets * 2) : 1;
  }
  return { found, ...(at.bucket < DEVICE_BUCKETS && { next: at }) };
}

const behind = ({ tenant, deviceId }: Placed): FleetPosition => ({
  bucket: bucketNumberOf(tenant, deviceId),
  afterId: deviceId,
});

/** Reads so many buckets at once, up to the end of the first that holds more than its share of the round. */
export async function readBuckets<Entry extends { readonly deviceId: string }>(
  at: FleetPosition,
  buckets: number,
  read: (
    bucket: number,
    options: { readonly limit: number; readonly from?: string },
  ) => Promise<{ readonly entries: readonly Entry[]; readonly isLast: boolean }>,
): Promise<Read & { readonly entries: readonly Entry[] }> {
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

/** Reads so many buckets of a tenant's devices. */
export const readDevices = (devices: DeviceStore, tenant: string, at: FleetPosition, buckets: number) =>
  readBuckets(at, buckets, async (bucket, options) => {
    const page = await devices.page(tenant, bucket, options);
    return { entries: page.devices, isLast: page.cursor === undefined };
  });
