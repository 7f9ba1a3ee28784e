import { afterHeardMs, NEVER_AWAY, type TimesAway } from '../clock/away.ts';
import type { RolloutDocument, Stage } from '../document/rollout-document.ts';
import { ceilingOfStage, stageAt } from './stage-reach.ts';

/** Most that the default of `minConfirmed` asks for. */
const MOST_BY_DEFAULT = 50;

/** What is known of the open stage. Counts are first attempts; exposed is granted and neither void nor transient. */
export interface StageEvidence {
  /** Since when the stage could serve anybody. */
  readonly openedMs: number;
  /** Members of the rollout; absent until they have been counted. */
  readonly members?: number;
  /** For a tag stage, members that carry its tag; absent until they have been counted. */
  readonly taggedMembers?: number;
  /** Of those, who took part when the stage opened: nobody exposes them again. */
  readonly taggedBefore?: number;
  /** Exposed when the stage opened, and now. */
  readonly exposedBefore: number;
  readonly exposed: number;
  /** Good attempts that were granted in this stage (see `confirmedOfStage`). */
  readonly confirmed: number;
  /** Devices that were proved to run the release, in whichever stage and by whichever of their attempts. */
  readonly proven: number;
  /** Granted, in whichever stage, and the attempt has not ended. */
  readonly pending: number;
  /** Permits that are no longer young and not resolved. */
  readonly suspects: number;
  /** Since when the evidence has sufficed, as an earlier verdict on this stage said. */
  readonly evidenceSinceMs?: number;
  /** When devices could not be heard: nothing bakes, and no gate has waited, in that time. */
  readonly away?: TimesAway;
}

/** Stalled however short it has waited: nothing that is left could make it hold. */
const AT_ONCE_MS = Number.NEGATIVE_INFINITY;

/**
 * What keeps the next stage closed. `unreadable`: the evidence contradicts itself, and the rollout must be paused. `reach`: the stage can
 * expose fewer than its gate needs, so that no device that asks could help.
 */
export type GateWait = 'last-stage' | 'unreadable' | 'members' | 'evidence' | 'reach' | 'bake' | 'quiet';

/** Whether the next stage may open. `evidenceSinceMs` is to be kept and given back the next time; absent, it is to be forgotten. */
export type GateVerdict =
  | { readonly opens: true; readonly evidenceSinceMs: number; readonly explanation: string }
  | {
      readonly opens: false;
      readonly waitsFor: GateWait;
      readonly explanation: string;
      /** The gate has waited for `stallAfter`, bake time aside, or can only hold if devices come, tags change or somebody opens it. */
      readonly stalled: boolean;
      readonly evidenceSinceMs?: number;
    };

/**
 * Whether the gate of stage `index` lets the next one open at `nowMs`: enough confirmed in this very stage, for as long as
 * `bake`, and quiet (no more suspects than the tolerated rate of what the stage exposed: in small stages none). A stage that adds nobody
 * rests on what those before it have proven, and stays closed where they have proven nothing.
 */
export function evaluateGate(
  document: RolloutDocument,
  index: number,
  evidence: StageEvidence,
  nowMs: number,
): GateVerdict {
  const stage = stageAt(document, index);
  const { away = NEVER_AWAY } = evidence;
  const wait = (waitsFor: GateWait, explanation: string, fromMs = Number.POSITIVE_INFINITY): GateVerdict => ({
    opens: false,
    waitsFor,
    explanation,
    stalled: nowMs >= afterHeardMs(fromMs, document.stallAfterMs, away),
  });
  if (stage.gate === undefined) return wait('last-stage', `${stage.name} is the last stage`);
  if (!isReadable(evidence))
    return wait('unreadable', `the evidence of stage ${stage.name} contradicts itself`);
  const room = roomOf(document, index, stage, evidence);
  if (room === undefined) {
    return wait('members', `the members of stage ${stage.name} are not counted yet`, evidence.openedMs);
  }
  const isUsedUp = evidence.exposed - evidence.exposedBefore >= room && evidence.pending === 0;
  const stallsFromMs = isUsedUp ? AT_ONCE_MS : evidence.openedMs;
  const needed = stage.gate.minConfirmed ?? defaultConfirmed(stage, room, evidence);
  if (evidence.confirmed < needed) {
    const confirmed = `${evidence.confirmed} of ${needed} confirmed in stage ${stage.name}`;
    if (room < needed) {
      const isEmpty = stage.kind === 'tag' && evidence.taggedMembers === 0;
      const tagged = isEmpty ? `: no member has the tag ${stage.tag}` : '';
      return wait('reach', `${confirmed}, which can expose only ${room}${tagged}`, AT_ONCE_MS);
    }
    return wait('evidence', confirmed, stallsFromMs);
  }
  if (evidence.proven === 0) {
    const explanation = `nobody has confirmed the release yet, and stage ${stage.name} adds nobody`;
    return wait('evidence', explanation, stallsFromMs);
  }
  const confirmed = `${evidence.confirmed} confirmed in stage ${stage.name}, ${needed} needed`;
  const evidenceSinceMs = evidence.evidenceSinceMs ?? nowMs;
  const bakedMs = afterHeardMs(evidenceSinceMs, stage.gate.bakeMs, away);
  if (nowMs < bakedMs) {
    return {
      ...wait('bake', `${confirmed}; bakes until ${new Date(bakedMs).toISOString()}`),
      evidenceSinceMs,
    };
  }
  const tolerated = Math.floor(document.halt.failureRate * exposedHere(evidence));
  if (evidence.suspects > tolerated) {
    const waits = `${confirmed}; waits for ${evidence.suspects} suspects to resolve (${tolerated} tolerated)`;
    return { ...wait('quiet', waits, Math.max(bakedMs, evidence.openedMs)), evidenceSinceMs };
  }
  return { opens: true, evidenceSinceMs, explanation: confirmed };
}

/**
 * Good attempts that were certainly granted since the stage opened: those that became good since, less all that had been granted
 * before and were unresolved then. Never too many, and exact once the earlier ones are few.
 */
export function confirmedOfStage(good: number, goodBefore: number, unresolvedBefore: number): number {
  return Math.max(0, good - goodBefore - unresolvedBefore);
}

/**
 * How many members the stage itself may expose; `undefined` while they are not counted. Never fewer than it has exposed: who is
 * untagged or taken out of service after that leaves no less to be proven.
 */
function roomOf(
  document: RolloutDocument,
  index: number,
  stage: Stage,
  evidence: StageEvidence,
): number | undefined {
  const { members, taggedMembers, taggedBefore = 0, exposedBefore } = evidence;
  const counted = stage.kind === 'tag' ? taggedMembers : members;
  if (counted === undefined) return undefined;
  const left =
    stage.kind === 'tag'
      ? counted - taggedBefore
      : Math.min(ceilingOfStage(document, index, counted), counted) - exposedBefore;
  return Math.max(left, exposedHere(evidence));
}

/** How many the stage itself has exposed: earlier permits that end void may leave fewer than when it opened. */
const exposedHere = ({ exposed, exposedBefore }: StageEvidence): number =>
  Math.max(0, exposed - exposedBefore);

/**
 * Half of what the stage may add, at most 50. A stage that adds nobody (1 % and 5 % of 20 are both one device; those with the tag were all
 * exposed before) asks for nothing more, but a tag stage that nobody is in, and a rollout that has exposed nobody, prove nothing and
 * wait for a first device.
 */
function defaultConfirmed(
  stage: Stage,
  room: number,
  { taggedMembers, exposedBefore }: StageEvidence,
): number {
  const isEmpty = stage.kind === 'tag' && taggedMembers === 0;
  const least = isEmpty || exposedBefore === 0 ? 1 : 0;
  return Math.min(MOST_BY_DEFAULT, Math.max(least, Math.ceil(room / 2)));
}

function isReadable(evidence: StageEvidence): boolean {
  const { members = 0, taggedMembers = 0, taggedBefore = 0, exposedBefore, exposed } = evidence;
  const { confirmed, proven, suspects, pending } = evidence;
  const counts = [members, taggedMembers, taggedBefore, exposedBefore, exposed, confirmed, proven];
  // `exposed` may fall below `exposedBefore`: earlier permits that end void give their place back.
  return [...counts, suspects, pending].every((count) => Number.isSafeInteger(count) && count >= 0);
}
