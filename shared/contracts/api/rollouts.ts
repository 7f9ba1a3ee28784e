import * as z from 'zod';
import { RolloutState } from '../events/rollout-events.ts';
import {
  DeviceId,
  EpochMs,
  FailureReason,
  Hardware,
  ReasonText,
  ReleaseName,
  Sha256,
  Ulid,
  VersionText,
} from '../names.ts';
import { RolloutPreview } from './preview.ts';
import { defineRoute, Paging } from './route.ts';

const One = z.strictObject({ rollout: Ulid });
const Reason = z.strictObject({ reason: ReasonText });
const count = z.number().int().min(0);

/** Attempts by where they are or how they ended; a device that tries again has one more. */
export const AttemptCounts = z.object({
  granted: count,
  installing: count,
  good: count,
  failed: count,
  reverted: count,
  silent: count,
  lost: count,
  void: count,
  /** Failed for a reason that is not the firmware's fault: battery, no space, declined. */
  transient: count,
  /** Bad in one way or another, and taken out of the evidence by an operator: in none of the bad counts above. */
  excused: count,
  /** Of the silent and lost, how many came back later. */
  recovered: count,
});
export type AttemptCounts = z.infer<typeof AttemptCounts>;

/** How near one test is to its halting line. */
export const EvidenceView = z.object({
  /** `pooled` or the cohort's name, `cam-rev-b from 2.0.0`. */
  scope: z.string(),
  /** `failed`: failed, reverted or silent, against failureRate; `lost` against lostRate. */
  kind: z.enum(['failed', 'lost']),
  /** Bad of exposed, first attempts only. */
  bad: count,
  exposed: count,
  /** 0: nothing speaks against the release; 1: halts. */
  share: z.number(),
});

/** Who approved a document, and how many are missing. */
export const ApprovalsView = z.object({
  needed: count,
  missing: count,
  /** Oldest first; people as the audit log names them. */
  given: z.array(z.object({ by: z.string(), atMs: EpochMs })),
  /** What is approved: the sha256 of `document` as JSON without spaces, the keys of every object in order. */
  documentSha256: Sha256,
});

/** Who gets a release last. */
export const HoldOutView = z.object({
  /** `2%` of the devices. */
  share: z.string(),
  untilMs: EpochMs,
  /** Devices that match the selector and wait for its end; no members until then. */
  heldBack: count,
});

/** A rollout as people look at it. */
export const RolloutView = z.object({
  rollout: Ulid,
  release: ReleaseName,
  state: RolloutState,
  /** Why it is paused, halted, aborted, stalled. */
  reason: z.string().optional(),
  /** Its open stage has waited for `stallAfter`; `reason` says for what. */
  stalled: z.boolean().optional(),
  /**
   * What of its counters cannot be read, where that is so: the counts are then those of the permits that the gate has granted, nothing is
   * known of how they ended, and the rollout can only be paused or aborted.
   */
  unreadable: z.string().optional(),
  createdAtMs: EpochMs,
  launchedAtMs: EpochMs.optional(),
  document: z.unknown(),
  /** That of its release, which binds all of its rollouts; present once it is launched. */
  holdOut: HoldOutView.optional(),
  /** Present where the document asks for approvals. */
  approvals: ApprovalsView.optional(),
  members: count,
  /** Of a draft alone. */
  preview: RolloutPreview.optional(),
  stages: z.array(
    z.object({
      name: z.string(),
      state: z.enum(['waiting', 'open', 'passed']),
      /** Devices that may be exposed when this stage is full. */
      ceiling: count.optional(),
      gate: z.string().optional(),
    }),
  ),
  counts: AttemptCounts,
  cohorts: z.array(z.object({ hardware: Hardware, from: VersionText, counts: AttemptCounts })),
  window: z.object({
    /** How many permits may be young or suspect at once, and how many are. */
    size: count,
    used: count,
    /** What keeps the next permit from being granted, if anything. */
    blockedBy: z.string().optional(),
  }),
  evidence: z.array(EvidenceView),
  /** `2 of 12, 3 of 68`: at how many bad of how many exposed the pooled test halts. */
  haltsAt: z.string(),
});
export type RolloutView = z.infer<typeof RolloutView>;

/** Makes a draft rollout from its document. */
export const CreateRollout = defineRoute({
  method: 'POST',
  path: '/rollouts',
  summary: 'Create a draft rollout from its document (YAML or JSON text, or the object itself)',
  role: 'operator',
  body: z.strictObject({
    document: z.union([z.string().max(65_536), z.record(z.string(), z.unknown())]),
  }),
  answer: RolloutView,
  status: 201,
});
/** Approves a draft's document. */
export const ApproveRollout = defineRoute({
  method: 'POST',
  path: '/rollouts/{rollout}/approvals',
  summary: 'Approve the document of a draft, by the sha256 of what was looked at; never by who created it',
  role: 'approver',
  params: One,
  body: z.strictObject({ documentSha256: Sha256 }),
  answer: RolloutView,
});
/** Counts again whom a draft would reach. */
export const CountDraft = defineRoute({
  method: 'POST',
  path: '/rollouts/{rollout}/preview',
  summary:
    'Count again whom a draft would reach: in the background, in the ration that new drafts are counted in',
  role: 'operator',
  params: One,
  answer: RolloutView,
});
/** Starts a draft. */
export const LaunchRollout = defineRoute({
  method: 'POST',
  path: '/rollouts/{rollout}/launch',
  summary: 'Launch a draft rollout',
  role: 'operator',
  params: One,
  answer: RolloutView,
});
/** Grants no more permits until resumed. */
export const PauseRollout = defineRoute({
  method: 'POST',
  path: '/rollouts/{rollout}/pause',
  summary: 'Pause a running rollout: no permit is granted until it is resumed',
  role: 'operator',
  params: One,
  body: Reason,
  answer: RolloutView,
});
/** Goes on after a pause, or after a halt whose evidence is excused. */
export const ResumeRollout = defineRoute({
  method: 'POST',
  path: '/rollouts/{rollout}/resume',
  summary: 'Resume a paused rollout, or a halted one with excuses that bring the evidence below the line',
  role: 'operator',
  params: One,
  body: z.strictObject({
    reason: ReasonText,
    excuse: z
      .strictObject({
        devices: z.array(DeviceId).max(100).default([]),
        reasons: z.array(FailureReason).max(20).default([]),
      })
      .optional(),
  }),
  answer: RolloutView,
});
/** Ends a rollout for good. */
export const AbortRollout = defineRoute({
  method: 'POST',
  path: '/rollouts/{rollout}/abort',
  summary: 'Abort a rollout for good; installs that began finish and are counted',
  role: 'operator',
  params: One,
  body: Reason,
  answer: RolloutView,
});
/** Opens the next stage by hand. */
export const OpenStage = defineRoute({
  method: 'POST',
  path: '/rollouts/{rollout}/advance',
  summary: 'Open the next stage by hand; never past a halting line',
  role: 'operator',
  params: One,
  body: Reason.extend({
    /** The stage that is meant, so that the same request twice opens one stage; the next one where none is named. */
    stage: z.string().min(1).max(64).optional(),
  }),
  answer: RolloutView,
});
/** One rollout. */
export const GetRollout = defineRoute({
  method: 'GET',
  path: '/rollouts/{rollout}',
  summary: 'Show a rollout with its counters, window and evidence',
  role: 'viewer',
  params: One,
  answer: RolloutView,
});
/** Rollouts, newest first. */
export const ListRollouts = defineRoute({
  method: 'GET',
  path: '/rollouts',
  summary: 'List rollouts, newest first',
  role: 'viewer',
  query: z.strictObject(Paging),
  answer: z.object({
    rollouts: z.array(
      z.object({
        rollout: Ulid,
        release: ReleaseName,
        state: RolloutState,
        /** Its open stage has waited for `stallAfter`. */
        stalled: z.boolean().optional(),
        createdAtMs: EpochMs,
      }),
    ),
    cursor: z.string().optional(),
  }),
});
