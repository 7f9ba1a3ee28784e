import * as z from 'zod';
import { DownloadTrouble } from '../device/check.ts';
import {
  DeviceId,
  EpochMs,
  FailureReason,
  Hardware,
  ReasonText,
  ReleaseName,
  Ulid,
  VersionText,
} from '../names.ts';
import { defineRoute, Paging } from './route.ts';

/** Gives a device its updates again that is in quarantine. */
export const ReleaseFromQuarantine = defineRoute({
  method: 'POST',
  path: '/devices/{deviceId}/release-from-quarantine',
  summary: 'Release a device from quarantine: its next check is answered like any other',
  role: 'operator',
  params: z.strictObject({ deviceId: DeviceId }),
  body: z.strictObject({ reason: ReasonText }),
  answer: z.object({ deviceId: DeviceId, releasedAtMs: EpochMs }),
});
/** Devices that two use the identity of. */
export const ListQuarantined = defineRoute({
  method: 'GET',
  path: '/quarantine',
  summary: 'List the devices that are in quarantine, in order of id',
  role: 'viewer',
  query: z.strictObject(Paging),
  answer: z.object({
    devices: z.array(z.object({ deviceId: DeviceId, sinceMs: EpochMs })),
    cursor: z.string().optional(),
  }),
});
/**
 * Words by which the devices of a rollout are listed: where an attempt is (`open` for any that has not ended) or what it counts as.
 * Each attempt is one of them; `open` and `recovered` are said beside another.
 */
export const LISTED_ENDS = [
  'open',
  'granted',
  'installing',
  'rebooting',
  'good',
  'failed',
  'reverted',
  'silent',
  'lost',
  'void',
  'transient',
  'excused',
  'recovered',
] as const;
export type ListedEnd = (typeof LISTED_ENDS)[number];

/** A device that took part in a rollout, and what became of its last attempt there. */
export const RolloutDevice = z.object({
  deviceId: DeviceId,
  hardware: Hardware.optional(),
  /** The version that ran when it asked for its permit. */
  from: VersionText,
  attempt: Ulid,
  /** `granted`, `installing`, `rebooting`, `good`, `failed`, `reverted`, `silent`, `lost` or `void`. */
  state: z.string(),
  /** The device's own word for a failure, or what was found of it. */
  reason: z.string().optional(),
  /** Failed for a reason that is not the firmware's fault. */
  transient: z.boolean(),
  /** Taken out of the evidence by an operator. */
  excused: z.boolean(),
  /** Silent, lost or void, and heard again. */
  recovered: z.boolean(),
  grantedAtMs: EpochMs,
  /** Absent while the attempt is open. */
  endedAtMs: EpochMs.optional(),
});
export type RolloutDevice = z.infer<typeof RolloutDevice>;

/** Devices of a rollout, by how they ended. */
export const ListRolloutDevices = defineRoute({
  method: 'GET',
  path: '/rollouts/{rollout}/devices',
  summary:
    'List the devices that took part in a rollout by how they ended; a page may be short, or empty, and still have a cursor',
  role: 'viewer',
  params: z.strictObject({ rollout: Ulid }),
  query: z.strictObject({
    ...Paging,
    end: z.enum(LISTED_ENDS).optional(),
    reason: FailureReason.optional(),
  }),
  answer: z.object({
    /** In an order that stays, each device once. */
    devices: z.array(RolloutDevice),
    /** What cannot be read, so that nobody knows whether it belongs to the list. */
    unreadable: z.array(z.object({ deviceId: DeviceId, what: z.string() })),
    cursor: z.string().optional(),
  }),
});
/**
 * What a device was last seen running. `seenAtMs` is when a check last told anything new: one that tells nothing new is not written
 * down.
 */
export const LastRunning = z.object({
  version: VersionText,
  digest: z.string().optional(),
  seenAtMs: EpochMs,
});
/** Why a device got, or did not get, an update. */
export const ExplainDevice = defineRoute({
  method: 'GET',
  path: '/devices/{deviceId}/why',
  summary: 'Explain, by the deciding code itself, what a device gets and why',
  role: 'viewer',
  params: z.strictObject({ deviceId: DeviceId }),
  answer: z.object({
    deviceId: DeviceId,
    hardware: Hardware.optional(),
    /** Absent if it never checked in. */
    running: LastRunning.optional(),
    /** What it says that it could not download whole and right, why (`mismatch`, `no-space`) and how often; absent once a download succeeded. */
    trouble: DownloadTrouble.optional(),
    /** `offer`, `nothing`, or `refused`. */
    decision: z.string(),
    /** Why, where there is no rollout to look at: what no rollout would change, or that none is active. */
    explanation: z.string().optional(),
    /** One entry per rollout looked at, in the order of the decision. */
    rollouts: z.array(
      z.object({
        rollout: Ulid,
        release: ReleaseName,
        /** The first rule that said no, or `offered`. */
        rule: z.string(),
        explanation: z.string(),
        /** What would change it. */
        change: z.string().optional(),
      }),
    ),
    /** Its attempts, newest first, each with its timeline. */
    attempts: z.array(
      z.object({
        rollout: Ulid,
        attempt: Ulid,
        state: z.string(),
        grantedAtMs: EpochMs,
        reason: z.string().optional(),
        recovered: z.boolean(),
        timeline: z.array(z.object({ atMs: EpochMs, event: z.string() })),
      }),
    ),
  }),
});
