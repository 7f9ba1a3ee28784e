import { auditKeyIn } from '#shared/audit/audit-entry.ts';
import type { Key } from '#shared/capabilities/table.ts';
import { thingOf } from '#shared/contracts/names.ts';
import { deviceBucket } from '../domain/order/rank.ts';

/** Lists of deadlines of a rollout are spread over so many partitions; each is asked at every look. */
export const DEADLINE_SHARDS = 4;
/** Counters of a rollout are spread over so many items, so that none takes more than its share of writes. */
export const COUNTER_SHARDS = 16;
/** Devices of a tenant lie in so many partitions, by the first byte of the sha256 of their thing name. */
export const DEVICE_BUCKETS = 256;

const bucketOf = (tenant: string, deviceId: string): string => deviceBucket(thingOf(tenant, deviceId));

/** In which bucket (0 to 255) a device of a tenant lies. */
export const bucketNumberOf = (tenant: string, deviceId: string): number =>
  Number.parseInt(bucketOf(tenant, deviceId), 16);

/** The partition of one bucket (0 to 255) of a tenant's devices. */
export const devicePartition = (tenant: string, bucket: number): string =>
  `D#${tenant}#${bucket.toString(16).padStart(2, '0')}`;
/** The one item of a device. */
export const deviceKey = (tenant: string, deviceId: string): Key => ({
  pk: `D#${tenant}#${bucketOf(tenant, deviceId)}`,
  sk: deviceId,
});
/** The row of an attempt that has ended; its device holds it until then, and a good one until the next permit. */
export const attemptKey = (rollout: string, tenant: string, deviceId: string): Key => ({
  pk: `U#${rollout}#${bucketOf(tenant, deviceId)}`,
  sk: deviceId,
});
/** The ended attempts of one bucket (0 to 255) of devices. */
export const attemptPartition = (rollout: string, bucket: number): string =>
  `U#${rollout}#${bucket.toString(16).padStart(2, '0')}`;
/** Lists of devices that are to be looked at, earliest first. */
export const deadlinePartition = (rollout: string, shard: number): string => `L#${rollout}#${shard}`;
/** In the order of time: milliseconds since 1970 have thirteen digits until the year 2286. */
export const deadlineKey = (rollout: string, shard: number, atMs: number, id: string): Key => ({
  pk: deadlinePartition(rollout, shard),
  sk: `${String(atMs).padStart(13, '0')}#${id}`,
});
/** Everything of a rollout but its attempts and counters. */
export const rolloutPartition = (rollout: string): string => `R#${rollout}`;
/** Its document, and what never changes of it. */
export const rolloutKey = (rollout: string): Key => ({ pk: rolloutPartition(rollout), sk: 'rollout' });
/** The only authority for whether it runs, and for permits. */
export const gateKey = (rollout: string): Key => ({ pk: rolloutPartition(rollout), sk: 'gate' });
/** How far it has come, as the last advance left it. */
export const progressKey = (rollout: string): Key => ({ pk: rolloutPartition(rollout), sk: 'progress' });
/** Who has approved its document. */
export const approvalsKey = (rollout: string): Key => ({ pk: rolloutPartition(rollout), sk: 'approvals' });
/** How many devices it has, as they were last counted. */
export const fleetKey = (rollout: string): Key => ({ pk: rolloutPartition(rollout), sk: 'fleet' });
/** Whom a draft would reach. */
export const previewKey = (rollout: string): Key => ({ pk: rolloutPartition(rollout), sk: 'preview' });
/** How many attempts were taken out of the evidence because two devices use an identity. */
export const takenOutKey = (rollout: string): Key => ({ pk: rolloutPartition(rollout), sk: 'taken-out' });
/** The names of its cohorts, by their numbers. */
export const cohortsKey = (rollout: string): Key => ({ pk: rolloutPartition(rollout), sk: 'cohorts' });
/** A partition for each shard: together with the gate they would be the hottest key of a rollout. */
export const counterKey = (rollout: string, shard: number): Key => ({
  pk: `C#${rollout}#${String(shard).padStart(2, '0')}`,
  sk: 'count',
});
/** One decision about it. */
export const auditKey = (rollout: string, id: string): Key => auditKeyIn(rolloutPartition(rollout), id);
/** What is known of a product: its releases, and its devices as a whole. */
export const releasePartition = (tenant: string, product: string): string => `P#${tenant}#${product}`;
/** When devices of a product last changed. */
export const fleetChangeKey = (tenant: string, product: string): Key => ({
  pk: releasePartition(tenant, product),
  sk: 'fleet-change',
});
/** Keys of releases begin so. */
export const RELEASES = 'release#';
/** A release, as offers need it. */
export const releaseKey = (tenant: string, product: string, version: string): Key => ({
  pk: releasePartition(tenant, product),
  sk: `${RELEASES}${version}`,
});
/** A tenant's devices that are in quarantine, by their ids. */
export const quarantinePartition = (tenant: string): string => `Q#${tenant}`;
/** A device that is in quarantine. */
export const quarantineKey = (tenant: string, deviceId: string): Key => ({
  pk: quarantinePartition(tenant),
  sk: deviceId,
});
/** Where the audit entries about a device's quarantine lie; devices themselves share their partitions. */
export const quarantineAuditPartition = (thing: string): string => `Q#${thing}`;
/** What is listed by tenant. */
export const tenantPartition = (tenant: string): string => `T#${tenant}`;
/** A rollout on the list of its tenant; ids rise with time. */
export const listingKey = (tenant: string, rollout: string): Key => ({
  pk: tenantPartition(tenant),
  sk: `rollout#${rollout}`,
});
/** How many drafts of a tenant were counted of late. */
export const previewsKey = (tenant: string): Key => ({ pk: tenantPartition(tenant), sk: 'previews' });
/** All rollouts that a check or the tick must look at; few, and written seldom. */
export const ACTIVE_PARTITION = 'active';
/** A rollout that a check or the tick must look at. */
export const activeKey = (tenant: string, product: string, rollout: string): Key => ({
  pk: ACTIVE_PARTITION,
  sk: `${tenant}#${product}#${rollout}`,
});
/** Since when devices can be heard again, and when silence was last looked for. */
export const HEARING_KEY: Key = { pk: 'hearing', sk: 'hearing' };
/** Since when the devices of one rollout can be heard again, where that could not be read for a while. */
export const hearingKey = (rollout: string): Key => ({ pk: rolloutPartition(rollout), sk: 'hearing' });
