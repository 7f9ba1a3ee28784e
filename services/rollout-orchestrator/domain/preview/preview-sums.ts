import * as z from 'zod';

const Count = z.number().int().min(0);

/** Members of one hardware that come from one version. */
const Cohort = z.object({
  hardware: z.string(),
  /** What they were last seen to run; empty for those that have never checked in. */
  from: z.string(),
  devices: Count.default(0),
  /** How many of them the release has something for. */
  served: Count.default(0),
});

/** Whom a draft would reach, as far as devices were looked at: what count-members hands on to itself and keeps at the end. */
export const PreviewSums = z.object({
  /** Devices of the tenant that were looked at, and those of them of which a row cannot be read. */
  looked: Count.default(0),
  unreadable: Count.default(0),
  /** Devices of the product that are in service. */
  ofProduct: Count.default(0),
  /** Devices that match the selector: those that the hold-out keeps waiting, and all others. */
  heldBack: Count.default(0),
  members: Count.default(0),
  /** Those of the others whose hardware the release has no artifact for: stages are no shares of them, whatever tag they carry. */
  withoutArtifact: Count.default(0),
  /** Members that would be offered the release when their turn comes. */
  served: Count.default(0),
  /** Members that carry the tag of the first stage, and how many of them are served. */
  tagged: Count.default(0),
  taggedServed: Count.default(0),
  /** Members that never would be, by the first rule that says no. */
  refused: z.record(z.string(), Count).default({}),
  /** Members by hardware and version, the first pairs that were met. */
  cohorts: z.array(Cohort).default([]),
  /** Members of any other pair. */
  otherCohorts: Count.default(0),
});
/** The same as plain data. */
export type PreviewSums = z.infer<typeof PreviewSums>;
/** Members of one hardware that come from one version. */
export type PreviewCohort = z.infer<typeof Cohort>;
