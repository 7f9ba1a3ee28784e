import { afterHeardMs, awayUnlessAhead, type TimesAway } from '../clock/away.ts';
import type { Counters } from '../counting/counters.ts';
import { evidenceOf, type GrantedByCohort } from '../counting/evidence.ts';
import type { RolloutDocument } from '../document/rollout-document.ts';
import { type Assessment, assessEvidence } from '../halting/assess-evidence.ts';
import { haltSettingsOf } from '../halting/scope-tests.ts';
import type { HoldOut } from '../holdout/hold-out.ts';
import { type CompletionVerdict, decideCompletion, type SettlingEvidence } from '../stages/completion.ts';
import { confirmedOfStage, evaluateGate, type GateVerdict, type StageEvidence } from '../stages/gate.ts';
import { moveCursor, type OfferCursor } from '../stages/offer-cursor.ts';
import { settlesWithinMs } from '../stages/settle.ts';
import { stageAt } from '../stages/stage-reach.ts';
import { planWindow, type WindowPlan } from '../widening/plan-window.ts';
import { type Fleet, fleetNow, stageCeilingOf, taggedOf } from './fleet.ts';
import { countsBefore, type Progress, withoutVerdicts } from './progress.ts';
import { putBack } from './put-back.ts';
import { stallOf } from './stall.ts';
import { type RolloutTally, tallyRollout } from './tally-rollout.ts';

/** Everything that is known of a running rollout; the counters were read before the gate. */
export interface RolloutEvidence {
  readonly document: RolloutDocument;
  readonly gate: { readonly epoch: number; readonly granted: GrantedByCohort };
  readonly counters: Counters;
  readonly progress: Progress;
  readonly fleet: Fleet;
  /** The hold-out that bound its release when it was launched. */
  readonly holdOut?: HoldOut;
  /** When it was last resumed, milliseconds since 1970. */
  readonly resumedMs?: number;
  /** Cohorts of tag stages, which are tested apart. */
  readonly unpooled: ReadonlySet<number>;
  /** When devices could not be heard. */
  readonly away: TimesAway;
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
  const tally = tallyRollout(stored.gate.granted, stored.counters);
  const evidence = evidenceNow(stored, tally, nowMs);
  const { document, counters, progress, unpooled, away } = evidence;
  const { pace } = document;
  const halt = haltSettingsOf(document);
  const { stage, marks, paceMarks } = progress;
  const assessment = assessEvidence(evidenceOf(stored.gate.granted, counters, unpooled), halt);
  const window = planWindow(
    { counters, gate: stored.gate, marks, paceMarks, unpooled, away },
    {
      ...halt,
      ...pace,
      stageCeiling: stageCeilingOf(evidence),
      isByTag: stageAt(document, stage).kind === 'tag',
    },
    nowMs,
  );
  const gate = evaluateGate(document, stage, stageEvidenceOf(evidence, tally, window), nowMs);
  const completion = decideCompletion(document, stage, settlingEvidenceOf(evidence, tally), nowMs);
  const findings = { tally, window, gate, completion };
  const wakeAtMs = wakeOf(evidence, findings, nowMs);
  return {
    ...findings,
    assessment,
    progress: progressAfter(evidence, findings, nowMs),
    ...(wakeAtMs !== undefined && { wakeAtMs }),
  };
}

/** What a look finds, from which follows what is kept of it and when the next one is due. */
type Findings = Pick<AdvancePlan, 'tally' | 'window' | 'gate' | 'completion'>;

/**
 * What is stored, as it is to be read now: no time lies ahead, hold-outs have ended, and permits that were granted since are noted. A stage
 * by tag serves nobody until its members are counted: what was granted while it opened belongs to the stages before.
 */
function evidenceNow(stored: RolloutEvidence, tally: RolloutTally, nowMs: number): RolloutEvidence {
  const progress = putBack(stored.progress, nowMs);
  const { permits } = tally;
  const isByTag = stageAt(stored.document, progress.stage).kind === 'tag';
  return {
    ...stored,
    progress: {
      ...progress,
      granted: permits,
      ...(permits > progress.granted && { lastGrantMs: nowMs }),
      ...(isByTag && taggedOf(stored) === undefined && { before: countsBefore(tally) }),
    },
    fleet: fleetNow(stored, nowMs),
    away: awayUnlessAhead(stored.away, nowMs),
  };
}

/**
 * Since when the open stage could serve anybody: it is open, the rollout has started, and goes on since it was last resumed. Nobody is
 * missing before, so that neither a stall nor the end of a rollout is reckoned from then.
 */
function servesSinceMs({ document, progress, resumedMs = 0 }: RolloutEvidence): number {
  return Math.max(progress.stageOpenedMs, document.startMs ?? 0, resumedMs);
}

function stageEvidenceOf(evidence: RolloutEvidence, tally: RolloutTally, window: WindowPlan): StageEvidence {
  const { progress, fleet, away } = evidence;
  const { before, evidenceSinceMs } = progress;
  const taggedMembers = taggedOf(evidence);
  return {
    openedMs: servesSinceMs(evidence),
    exposedBefore: before.exposed,
    exposed: tally.exposed,
    confirmed: confirmedOfStage(tally.good, before.good, before.unresolved),
    proven: tally.proven,
    pending: tally.pending,
    suspects: window.pooled.suspects,
    away,
    ...(fleet.members !== undefined && { members: fleet.members }),
    ...(taggedMembers !== undefined && { taggedMembers, taggedBefore: fleet.taggedBefore ?? 0 }),
    ...(evidenceSinceMs !== undefined && { evidenceSinceMs }),
  };
}

function settlingEvidenceOf(evidence: RolloutEvidence, tally: RolloutTally): SettlingEvidence {
  const { progress, fleet, holdOut, away } = evidence;
  const { members = 0, countBeganMs, lastUnservedMs } = fleet;
  const { exposed, proven, excused, unresolved } = tally;
  const { lastGrantMs } = progress;
  return {
    openedMs: servesSinceMs(evidence),
    members,
    exposed,
    proven,
    excused,
    unresolved,
    away,
    ...(countBeganMs !== undefined && { countBeganMs }),
    ...(lastGrantMs !== undefined && { lastGrantMs }),
    ...(lastUnservedMs !== undefined && { lastUnservedMs }),
    ...(holdOut !== undefined && { heldUntilMs: holdOut.untilMs }),
  };
}

/** The progress to be kept; of what the look before found nothing is, that this one does not find again. */
function progressAfter(evidence: RolloutEvidence, findings: Findings, nowMs: number): Progress {
  const { tally, window, gate, completion } = findings;
  const { document, progress, away } = evidence;
  const { lastGrantMs } = progress;
  const stalled = stallOf(
    document,
    {
      gate,
      completion,
      pooled: window.pooled,
      away,
      servesSinceMs: servesSinceMs(evidence),
      ...(lastGrantMs !== undefined && { lastGrantMs }),
    },
    nowMs,
  );
  return {
    ...withoutVerdicts(progress),
    cursor: cursorOf(evidence, tally, window, nowMs),
    marks: window.epochs.keep,
    paceMarks: window.paceMarks,
    stageFull: tally.exposed >= stageCeilingOf(evidence),
    ...(gate.evidenceSinceMs !== undefined && { evidenceSinceMs: gate.evidenceSinceMs }),
    ...(stalled !== undefined && { stalled }),
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

/** When time alone will change something: a permit grows old, a stage has baked, a rollout has settled, a hold-out ends. */
function wakeOf(
  { document, progress, holdOut, away }: RolloutEvidence,
  { window, gate, completion }: Findings,
  nowMs: number,
): number | undefined {
  const bakeMs = stageAt(document, progress.stage).gate?.bakeMs ?? 0;
  const settles = !completion.completes && completion.waitsFor === 'settle';
  return earliestAfter(nowMs, [
    window.wakeAtMs,
    gate.evidenceSinceMs && afterHeardMs(gate.evidenceSinceMs, bakeMs, away),
    settles ? nowMs + settlesWithinMs(document) : undefined,
    holdOut?.untilMs,
  ]);
}

function earliestAfter(nowMs: number, times: readonly (number | undefined)[]): number | undefined {
  const later = times.filter((atMs) => atMs !== undefined).filter((atMs) => atMs > nowMs);
  return later.length === 0 ? undefined : Math.min(...later);
}
