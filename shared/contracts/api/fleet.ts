import * as z from 'zod';
import { DownloadTrouble } from '../device/check.ts';
import { DeviceId, Hardware, ProductName, Tag, VersionText } from '../names.ts';
import { LastRunning } from './rollout-devices.ts';
import { defineRoute, Paging, pageLimit } from './route.ts';

/** A device in service, and what it runs. */
export const FleetDevice = z.object({
  deviceId: DeviceId,
  product: ProductName,
  hardware: Hardware,
  tags: z.array(Tag),
  /** Absent if it never checked in. */
  running: LastRunning.optional(),
  /** What it says that it could not download whole and right; absent once a download succeeded. */
  trouble: DownloadTrouble.optional(),
  /** Two use its identity: what it runs is what one of them said last. */
  quarantined: z.boolean(),
});
export type FleetDevice = z.infer<typeof FleetDevice>;

/** How many devices of one hardware run one version. */
export const VersionCount = z.object({
  product: ProductName,
  hardware: Hardware,
  /** Absent for those that never checked in. */
  version: VersionText.optional(),
  devices: z.number().int().min(1),
});
export type VersionCount = z.infer<typeof VersionCount>;

/** Devices in service by what they run, and how many run what. */
export const ListFleet = defineRoute({
  method: 'GET',
  path: '/fleet',
  summary:
    'List the devices in service with what they run, all or those that a selector fits; a page may be short, or empty, and still have a cursor',
  role: 'viewer',
  query: z.strictObject({
    ...Paging,
    /** 0 lists none: then a page counts as many devices as a call looks at. */
    limit: pageLimit(100, 50, 0),
    /** A selector, as in the document of a rollout: `version < "1.2.0" and tag("lab")`. */
    where: z.string().max(2000).optional(),
    /** Only those that say that they could not download what they are offered. */
    inTrouble: z.enum(['true'], { error: 'must be true, or absent' }).optional(),
  }),
  answer: z.object({
    /** In an order that stays, each device once. */
    devices: z.array(FleetDevice),
    /** What those run that this page passes, listed or not, in no order: the sums over all pages are those of the fleet. */
    versions: z.array(VersionCount),
    /** What cannot be read, so that nobody knows whether it belongs to the list. */
    unreadable: z.array(z.object({ deviceId: DeviceId, what: z.string() })),
    /** How many devices of the tenant were looked at for this page: about 1,000 at most. */
    looked: z.number().int().min(0),
    cursor: z.string().optional(),
  }),
});
