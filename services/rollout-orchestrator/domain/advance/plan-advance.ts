import { type Away, afterHeardMs, awayUnlessAhead } from '../clock/away.ts';
import type { Counters } from '../counting/counters.ts';
import { evidenceOf, type GrantedByCohort } from '../counting/evidence.ts';
import type { RolloutDocument } from '../document/rollout-document.ts';
import { type Assessment, assessEvidence } from '../halting/assess-evidence.ts';
import type { HoldOut } from '../holdout/hold-out.ts';
import { type CompletionVerdict, decideCompletion } from '../stages/completion.ts';
import { confirmedOfStage, evaluateGate, type GateVerdict } from '../stages/gate.ts';
import { moveCursor, type OfferCursor } from '../stages/offer-cursor.ts';
import { settlesWithinMs } from '../stages/settle.ts';
import { stageAt } from '../stages/stage-reach.ts';
import { planWindow, type WindowPlan } from '../widening/plan-window.ts';
import { type Fleet, fleetNow, stageCeilingOf, taggedOf } from './fleet.ts';
import type { Progress } from './progress.ts';
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
  /** When devices could last not be heard. */
  readonly away: Away;
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
  const evidence = {
    ...stored,
    progress: putBack(stored.progress, nowMs),
    fleet: fleetNow(stored, nowMs),
    away: awayUnlessAhead(stored.away, nowMs),
  };
  const { document, gate, counters, progress, fleet, holdOut, unpooled, away } = evidence;
  const { halt, pace } = document;
  const tally = tallyRollout(gate.granted, counters);
  const assessment = assessEvidence(evidenceOf(gate.granted, counters, unpooled), halt);
  const { marks, paceMarks } = progress;
  const stageCeiling = stageCeilingOf(evidence);
  const window = planWindow(
    { counters, gate, marks, paceMarks, unpooled, away },
    { ...halt, ...pace, stageCeiling },
    nowMs,
  );
  const verdict = evaluateGate(document, progress.stage, stageEvidenceOf(evidence, tally, window), nowMs);
  const hasGrown = tally.permits > progress.granted;
  const lastGrantMs = hasGrown ? nowMs : progress.lastGrantMs;
  const completion = decideCompletion(
    document,
    progress.stage,
    {
      openedMs: servesSinceMs(evidence),
      members: fleet.members ?? 0,
      exposed: tally.exposed,
      proven: tally.proven,
      excused: tally.excused,
      unresolved: tally.unresolved,
      away,
      ...(fleet.countBeganMs !== undefined && { countBeganMs: fleet.countBeganMs }),
      ...(lastGrantMs !== undefined && { lastGrantMs }),
      ...(fleet.lastUnservedMs !== undefined && { lastUnservedMs: fleet.lastUnservedMs }),
      ...(holdOut !== undefined && { heldUntilMs: holdOut.untilMs }),
    },
    nowMs,
  );
  const servesSince = {
    servesSinceMs: servesSinceMs(evidence),
    ...(lastGrantMs !== undefined && { lastGrantMs }),
  };
  const { pooled } = window;
  const stalled = stallOf(document, { gate: verdict, completion, pooled, away, ...servesSince }, nowMs);
  const wakeAtMs = earliestAfter(nowMs, [
    window.wakeAtMs,
    verdict.evidenceSinceMs &&
      afterHeardMs(verdict.evidenceSinceMs, stageAt(document, progress.stage).gate?.bakeMs ?? 0, away),
    !completion.completes && completion.waitsFor === 'settle' ? nowMs + settlesWithinMs(document) : undefined,
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
      granted: tally.permits,
      stageFull: tally.exposed >= stageCeiling,
      ...(verdict.evidenceSinceMs !== undefined && { evidenceSinceMs: verdict.evidenceSinceMs }),
      ...(lastGrantMs !== undefined && { lastGrantMs }),
      ...(stalled !== undefined && { stalled }),
    },
    ...(wakeAtMs !== undefined && { wakeAtMs }),
  };
}

/**
 * Since when the open stage could serve anybody: it is open, the rollout has started, and goes on since it was last resumed. Nobody is
 * missing before, so that neither a stall nor the end of a rollout is reckoned from then.
 */
function servesSinceMs({ document, progress, resumedMs = 0 }: RolloutEvidence): number {
  return Math.max(progress.stageOpenedMs, document.startMs ?? 0, resumedMs);
}

function stageEvidenceOf(evidence: RolloutEvidence, tally: RolloutTally, window: WindowPlan) {
  const { progress, fleet, away } = evidence;
  const { before, evidenceSinceMs } = progress;
  const taggedMembers = taggedOf(evidence);
  return {
    openedMs: servesSinceMs(evidence),
    exposedBefore: before.exposed,
    exposed: tally.exposed,
    confirmed: confirmedOfStage(tally.good, before.good, before.unresolved),
    pending: tally.pending,
    suspects: window.pooled.suspects,
    away,
    ...(fleet.members !== undefined && { members: fleet.members }),
    ...(taggedMembers !== undefined && { taggedMembers, taggedBefore: fleet.taggedBefore ?? 0 }),
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
