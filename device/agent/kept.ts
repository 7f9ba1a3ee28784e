import * as z from 'zod';
import { ReportEvent } from '#shared/contracts/device/report.ts';
import { Hardware, ReleaseName, Sha256, Ulid, VersionText } from '#shared/contracts/names.ts';

/** An event that the backend has not acknowledged yet, with the boot that it happened in. */
const KeptEvent = ReportEvent.required({ bootId: true });

/** The last attempt that the device knows of, and what it still has to report of it. */
const KeptAttempt = z.object({
  rollout: Ulid,
  attempt: Ulid,
  release: ReleaseName,
  hardware: Hardware,
  version: VersionText,
  sha256: Sha256,
  /** What was said of it last. */
  state: ReportEvent.shape.state,
  /** Number of the last event. */
  seq: z.number().int().min(0),
  /** It was promised that nothing is said before the next boot. */
  quiet: z.literal(true).optional(),
  /** Oldest first; at most as many as one report holds. */
  events: z.array(KeptEvent).max(20),
});

/** What is offered and could not be downloaded whole and right, so that trying at every check costs the line a whole download each time. */
const KeptTrouble = z.object({
  rollout: Ulid,
  sha256: Sha256,
  /** Why the last download was given up. */
  what: z.enum(['mismatch', 'no-space']),
  /** How often one was, one after the other. */
  times: z.number().int().min(1).max(1_000_000),
});

/**
 * What a device keeps over reboots and losses of power. Keys that it does not know are left out: an image on trial that is given up may have
 * been newer.
 */
export const Kept = z.object({
  v: z.literal(1),
  /** The highest sequence that ran here and was made permanent: nothing at or below it is installed. Never falls. */
  floor: z.number().int().min(0),
  attempt: KeptAttempt.optional(),
  /** Until a download succeeds; nothing else is given up for one that cannot be read. */
  trouble: KeptTrouble.optional().catch(undefined),
});
export type Kept = z.infer<typeof Kept>;
export type KeptAttempt = z.infer<typeof KeptAttempt>;
export type KeptTrouble = z.infer<typeof KeptTrouble>;
export type KeptEvent = z.infer<typeof KeptEvent>;

/** What a device keeps that never did anything. */
export const NOTHING_KEPT: Kept = { v: 1, floor: 0 };
