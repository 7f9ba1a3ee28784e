import * as z from 'zod';
import { EpochMs, Hardware, Tag, VersionText } from '../names.ts';

const count = z.number().int().min(0);

/** Whom a draft would have reached at the moment that it was counted. */
export const PreviewCount = z.object({
  countedAtMs: EpochMs,
  /** Devices of the tenant that were looked at, of whatever product. */
  looked: count,
  /** Of those, how many have a row that cannot be read: they get nothing, and are counted nowhere below. */
  unreadable: count,
  /** Devices of the product that are in service. */
  ofProduct: count,
  /** Devices that match the selector and do not wait in a hold-out. */
  members: count,
  /** Of those, how many the release has no artifact for, where there are any: they become no members, and stages are no shares of them. */
  withoutArtifact: count.optional(),
  /** Devices that match and would wait in the hold-out of the release or of the document. */
  heldBack: count,
  /** Members that would be offered the release when their turn comes. */
  served: count,
  /** How many members the first stage may expose, and how many of those that are served it could. */
  firstStage: z.object({
    name: z.string(),
    /** Present where the stage is for members with a tag. */
    tag: Tag.optional(),
    devices: count,
    served: count,
  }),
  /** Members that would never be offered the release, by the first rule that says no, most devices first. */
  notServed: z.array(
    z.object({
      /** As `why` names it: `no-artifact`, `already-running`. */
      rule: z.string(),
      devices: count,
    }),
  ),
  /** The 20 largest cohorts of members. */
  cohorts: z.array(
    z.object({
      hardware: Hardware,
      /** What they were last seen to run; absent for those that have never checked in. */
      from: VersionText.optional(),
      devices: count,
      served: count,
    }),
  ),
  /** Members of all other cohorts. */
  otherCohorts: count,
});
export type PreviewCount = z.infer<typeof PreviewCount>;

/**
 * Whom a draft would reach, as far as it is known: it is counted in the background, when it is made and when somebody asks for it again.
 * While it is counted again, and where that count is lost, `count` is the one before.
 */
export const RolloutPreview = z.object({
  state: z.enum(['counting', 'counted', 'not-counted']),
  /** Why there is no count, or none as new as was asked for, where none is to be expected any more. */
  reason: z.string().optional(),
  count: PreviewCount.optional(),
});
export type RolloutPreview = z.infer<typeof RolloutPreview>;
