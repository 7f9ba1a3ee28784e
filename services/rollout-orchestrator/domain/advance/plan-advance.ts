import type { Counters } from '../counting/counters.ts';
import { evidenceOf, type GrantedByCohort } from '../counting/evidence.ts';
import type { RolloutDocument } from '../document/rollout-document.ts';
import { type Assessment, assessEvidence } from '../halting/assess-evidence.ts';
import { type HoldOut, isHoldingBack } from '../holdout/hold-out.ts';
import { type CompletionVerdict, decideCompletion } from '../stages/completion.ts';
import { confirmedOfStage, evaluateGate, type GateVerdict } from '../stages/gate.ts';
import { cursorAtOpening, moveCursor, type OfferCursor } from '../stages/offer-cursor.ts';
import { ceilingOfStage, stageAt } from '../stages/stage-reach.ts';
import type { EpochMark } from '../widening/epochs.ts';
import type { PaceMark } from '../widening/pace.ts';
import { planWindow, type WindowPlan } from '../widening/plan-window.ts';
import { type RolloutTally, tallyRollout } from './tally-rollout.ts';

/** How far a rollout has come, as the last advance left it. Times in milliseconds since 1970. */
export interface Progress {
  /** Index of the open stage. */
  readonly stage: number;
  readonly stageOpenedMs: number;
  /** Counts when that stage opened. */
  readonly before: Pick<RolloutTally, 'granted' | 'exposed' | 'good' | 'unresolved'>;
  /** Since when the gate's evidence suffices. */
  readonly evidenceSinceMs?: number;
  readonly cursor: OfferCursor;
  readonly marks: readonly EpochMark[];
  readonly paceMarks: readonly PaceMark[];
  /** Permits at the last look, and when they were last seen to grow. */
  readonly granted: number;
  readonly lastGrantMs?: number;
  /** As many are exposed as the open stage may expose. */
  readonly stageFull: boolean;
  /** Why the stage has been waiting for so long, once it has stalled. */
  readonly stalled?: string;
  /** The next look that has been asked for already. */
  readonly wakeAtMs?: number;
}

/** How many devices a rollout has, as they were last counted. */
export interface Fleet {
  readonly members?: number;
  /** Members that carry the tag of the stage they were counted for. */
  readonly tagged?: number;
  /** Devices that match the selector and are held back: no members until the hold-out has ended and the last stage is open. */
  readonly heldBack?: number;
  /** Index of the stage they were counted for. */
  readonly stage?: number;
  /** When that count began and ended, milliseconds since 1970. */
  readonly countBeganMs?: number;
  readonly countedMs?: number;
  /** Devices of the tenant that it had to look at. */
  readonly looked?: number;
  /** When a count was last asked for because the one before had grown old, milliseconds since 1970. */
  readonly countAskedMs?: number;
  /** When a member last asked for a permit and had to wait, milliseconds since 1970. */
  readonly lastUnservedMs?: number;
}

/** Everything that is known of a running rollout; the counters were read before the gate. */
export interface RolloutEvidence {
  readonly document: RolloutDocument;
  readonly gate: { readonly epoch: number; readonly granted: GrantedByCohort };
  readonly counters: Counters;
  readonly progress: Progress;
  readonly fleet: Fleet;
  /** The hold-out that bound its release when it was launched. */
  readonly holdOut?: HoldOut;
  /** Cohorts of tag stages, which are tested apart. */
  readonly unpooled: ReadonlySet<number>;
}

/** What there is to be done about a rollout, and what people may be shown of it. */
export interface AdvancePlan {
  readonly tally: RolloutTally;
  readonly assessment: Assessment;
  readonly window: WindowPlan;
  readonly gate: GateVerdict;
  readonly completion: CompletionVerdict;
  /** The progress to be kept, as long as no stage opens. */
  readonly progress: Progress;
  /** When time alone will change something, milliseconds since 1970. */
  readonly wakeAtMs?: number;
}

/**
 * The whole decision of advance-rollouts, from what is stored and the time.
 *
 * @throws UnreadableEvidenceError when what is stored contradicts itself: pause then
 */
export function planAdvance(stored: RolloutEvidence, nowMs: number): AdvancePlan {
  const evidence = { ...stored, fleet: fleetNow(stored, nowMs) };
  const { document, gate, counters, progress, fleet, holdOut, unpooled } = evidence;
  const { halt, pace } = document;
  const tally = tallyRollout(gate.granted, counters);
  const assessment = assessEvidence(evidenceOf(gate.granted, counters, unpooled), halt);
  const { marks, paceMarks } = progress;
  const stageCeiling = stageCeilingOf(evidence);
  const window = planWindow(
    { counters, gate, marks, paceMarks, unpooled },
    { ...halt, ...pace, stageCeiling },
    nowMs,
  );
  const verdict = evaluateGate(document, progress.stage, stageEvidenceOf(evidence, tally, window), nowMs);
  const hasGrown = tally.granted > progress.granted;
  const lastGrantMs = hasGrown ? nowMs : progress.lastGrantMs;
  const completion = decideCompletion(
    document,
    progress.stage,
    {
      openedMs: progress.stageOpenedMs,
      members: fleet.members ?? 0,
      exposed: tally.exposed,
      unresolved: tally.unresolved,
      ...(lastGrantMs !== undefined && { lastGrantMs }),
      ...(fleet.lastUnservedMs !== undefined && { lastUnservedMs: fleet.lastUnservedMs }),
      ...(holdOut !== undefined && { heldUntilMs: holdOut.untilMs }),
    },
    nowMs,
  );
  const wakeAtMs = earliestAfter(nowMs, [
    window.wakeAtMs,
    verdict.evidenceSinceMs &&
      verdict.evidenceSinceMs + (stageAt(document, progress.stage).gate?.bakeMs ?? 0),
    !completion.completes && completion.waitsFor === 'settle' ? nowMs + document.settleMs : undefined,
    holdOut?.untilMs,
  ]);
  const {
    evidenceSinceMs: _since,
    lastGrantMs: _last,
    stalled: _stalled,
    wakeAtMs: _wake,
    ...kept
  } = progress;
  return {
    tally,
    assessment,
    window,
    gate: verdict,
    completion,
    progress: {
      ...kept,
      cursor: cursorOf(evidence, tally, window, nowMs),
      marks: window.epochs.keep,
      paceMarks: window.paceMarks,
      granted: tally.granted,
      stageFull: tally.exposed >= stageCeiling,
      ...(verdict.evidenceSinceMs !== undefined && { evidenceSinceMs: verdict.evidenceSinceMs }),
      ...(lastGrantMs !== undefined && { lastGrantMs }),
      ...(!verdict.opens && verdict.stalled && { stalled: verdict.explanation }),
    },
    ...(wakeAtMs !== undefined && { wakeAtMs }),
  };
}

/** The progress when stage `index` opens. */
export function openStage(
  document: RolloutDocument,
  progress: Progress,
  tally: RolloutTally,
  index: number,
  nowMs: number,
): Progress {
  const { granted, exposed, good, unresolved } = tally;
  const { evidenceSinceMs: _since, stalled: _stalled, wakeAtMs: _wake, ...kept } = progress;
  return {
    ...kept,
    stage: index,
    stageOpenedMs: nowMs,
    before: { granted, exposed, good, unresolved },
    cursor: cursorAtOpening(
      progress.cursor,
      document.stages[progress.stage],
      stageAt(document, index),
      nowMs,
    ),
  };
}

/** The progress of a rollout that has just been launched. */
export function firstProgress(nowMs: number): Progress {
  return {
    stage: 0,
    stageOpenedMs: nowMs,
    before: { granted: 0, exposed: 0, good: 0, unresolved: 0 },
    cursor: { upTo: 0, movedMs: nowMs },
    marks: [{ epoch: 1, startedMs: nowMs, granted: new Map() }],
    paceMarks: [],
    granted: 0,
    stageFull: false,
  };
}

/** The fleet with those who were held back when it was counted and are not any more. */
export function fleetNow(
  {
    document,
    progress,
    fleet,
    holdOut,
  }: Pick<RolloutEvidence, 'document' | 'progress' | 'fleet' | 'holdOut'>,
  nowMs: number,
): Fleet {
  const { members, heldBack = 0 } = fleet;
  const isLastStage = progress.stage + 1 === document.stages.length;
  if (members === undefined || holdOut === undefined || isHoldingBack(holdOut, isLastStage, nowMs))
    return fleet;
  return { ...fleet, members: members + heldBack, heldBack: 0 };
}

/** How many devices the open stage may expose: none as long as the members have not been counted. */
export function stageCeilingOf({
  document,
  progress,
  fleet,
}: Pick<RolloutEvidence, 'document' | 'progress' | 'fleet'>): number {
  if (fleet.members === undefined) return 0;
  return ceilingOfStage(document, progress.stage, fleet.members);
}

/** Tagged members are known only once they were counted for the very stage. */
const taggedOf = ({ fleet, progress }: Pick<RolloutEvidence, 'fleet' | 'progress'>): number | undefined =>
  fleet.stage === progress.stage ? fleet.tagged : undefined;

function stageEvidenceOf(evidence: RolloutEvidence, tally: RolloutTally, window: WindowPlan) {
  const { progress, fleet } = evidence;
  const { before, stageOpenedMs, evidenceSinceMs } = progress;
  const taggedMembers = taggedOf(evidence);
  return {
    openedMs: stageOpenedMs,
    exposedBefore: before.exposed,
    exposed: tally.exposed,
    confirmed: confirmedOfStage(tally.good, before.good, before.unresolved),
    suspects: window.pooled.suspects,
    ...(fleet.members !== undefined && { members: fleet.members }),
    ...(taggedMembers !== undefined && { taggedMembers }),
    ...(evidenceSinceMs !== undefined && { evidenceSinceMs }),
  };
}

function cursorOf(
  evidence: RolloutEvidence,
  tally: RolloutTally,
  window: WindowPlan,
  nowMs: number,
): OfferCursor {
  const { document, progress, fleet } = evidence;
  const stage = stageAt(document, progress.stage);
  const members = stage.kind === 'tag' ? taggedOf(evidence) : fleet.members;
  if (members === undefined) return progress.cursor;
  return moveCursor(
    progress.cursor,
    {
      stage,
      members,
      granted: tally.granted,
      grantedBefore: progress.before.granted,
      windowSize: window.pooled.window,
      room: window.pooled.room,
    },
    nowMs,
  );
}

function earliestAfter(nowMs: number, times: readonly (number | undefined)[]): number | undefined {
  const later = times.filter((atMs) => atMs !== undefined).filter((atMs) => atMs > nowMs);
  return later.length === 0 ? undefined : Math.min(...later);
}
