import { isNewlyAsked } from '../domain/attempt/apply-asked.ts';
import { type Attempt, isOpen } from '../domain/attempt/attempt.ts';
import type { AskedFact } from '../domain/attempt/facts.ts';
import { nextAttemptNumber } from '../domain/attempt/open-attempt.ts';
import type { PreparedRollout } from '../domain/decision/active-rollout.ts';
import { decideOffer } from '../domain/decision/decide-offer.ts';
import type { DeviceSays, ReleasedVersion } from '../domain/decision/device.ts';
import { mayInstall, type PermitDecision, type PermitQuestion } from '../domain/decision/may-install.ts';
import { decisionFacts } from '../domain/device/decision-facts.ts';
import type { DeviceRecord } from '../domain/device/device.ts';
import type { ServedRollout } from './active-rollouts.ts';

/** A device that asks for a permit. */
export interface Candidate {
  readonly tenant: string;
  readonly deviceId: string;
  /** Absent: it has downloaded nothing, and wants whatever it would be offered. */
  readonly question?: PermitQuestion;
  readonly says: DeviceSays;
  readonly bootId: string;
  /** Number of the request, from a device that begins as soon as it is granted. */
  readonly begins?: number;
  /** Within how long it begins then, and how long after leaving it will be heard again, where it says so. */
  readonly promised?: { readonly withinMs: number; readonly backWithinMs?: number };
  /** When it was heard, by the broker's clock. */
  readonly atMs: number;
}

/** A candidate that is known to ask for that very release. */
export type Asker = Candidate & { readonly question: PermitQuestion };

/** What a device that asked is told; `unsettled`: nothing yet, its message must come again. */
export type Outcome =
  | {
      readonly kind: 'granted';
      readonly rollout: string;
      readonly attempt: Attempt;
      readonly isNew: boolean;
    }
  | { readonly kind: 'wait'; readonly retryAfterSeconds: number }
  | { readonly kind: 'withdrawn'; readonly why: string }
  /** It has downloaded nothing, and there is nothing for it. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unsettled' };

/** A candidate with what it is told. */
export interface Answered<One extends Candidate = Candidate> {
  readonly candidate: One;
  readonly outcome: Outcome;
}

/** What a candidate may install that wants it, if window and ceiling have room, and which attempt of its device that is. */
export interface Eligible {
  readonly served: ServedRollout;
  readonly digest: string;
  readonly number: number;
}

/**
 * A request to begin that changes the open attempt of its device: first that is committed, and only then is it told. Without
 * `told` the attempt ends, and the device is judged again.
 */
export interface Renewal {
  readonly renewal: AskedFact;
  readonly told?: Outcome;
}

/** A permit with less left is not told again: the device waits until it has run out and asks for a new one. */
export const LEAST_LIFE_MS = 1_000;

/**
 * What a device asks for that has downloaded nothing: what its open attempt is of, or what it is offered now, where that rollout grants
 * permits directly and the device begins within their life. `undefined`: nothing.
 */
export function questionOf(
  { says, promised, question }: Candidate,
  { device, released, active }: Pick<CandidateRows, 'device' | 'released' | 'active'>,
  nowMs: number,
): PermitQuestion | undefined {
  const { open } = device;
  if (question !== undefined) return question;
  if (open !== undefined) {
    const release = active.find(({ rollout }) => rollout === open.rollout)?.release.name;
    return { rollout: open.rollout, release: release ?? '' };
  }
  const offer = decideOffer({ facts: decisionFacts(device), says, released, nowMs }, active);
  if (offer.kind !== 'offer' || promised === undefined || !grantsDirectly(offer.rollout, promised)) {
    return undefined;
  }
  return { rollout: offer.rollout.rollout, release: offer.rollout.release.name };
}

/** Whether a rollout grants permits to devices that have downloaded nothing and promise to begin so soon. */
export const grantsDirectly = (
  { document }: Pick<PreparedRollout, 'document'>,
  { withinMs }: { readonly withinMs: number },
): boolean => document.permits === 'direct' && withinMs <= document.permitForMs;

/** What is committed of a candidate. */
export interface CandidateRows {
  readonly device: DeviceRecord;
  /** The release that it says it runs, where it was not proven to. */
  readonly released: ReleasedVersion | undefined;
  /** Its last attempt in the rollout that it asks about. */
  readonly previous: Attempt | undefined;
  /** The active rollouts of its product, in the order of `inPriorityOrder`. */
  readonly active: readonly ServedRollout[];
}

/** Everything that must hold for a permit besides window and ceiling, on rows that were read just now. */
export function judgeCandidate(
  candidate: Asker,
  { device, released, previous: attempt, active }: CandidateRows,
  nowMs: number,
): Outcome | Eligible | Renewal {
  const { says, question } = candidate;
  const decision = mayInstall({ facts: decisionFacts(device), says, released, nowMs }, question, active);
  if (attempt !== undefined && isOpen(attempt)) {
    const denied = decision.answer === 'may' ? undefined : denialOf(decision);
    return judgeAgain(candidate, attempt, denied, nowMs);
  }
  if (decision.answer !== 'may') return denialOf(decision);
  const number = nextAttemptNumber(attempt, decision.rollout.document.retry.attempts);
  if (typeof number === 'string') return { kind: 'withdrawn', why: `no further attempt: ${number}` };
  if (isInVain(candidate, device, attempt, nowMs)) return SOON;
  return { served: decision.rollout, digest: decision.artifact.sha256, number };
}

/**
 * The answer when window or ceiling are full: to ask again about when the window can have moved. `chance`, from 0 to below 1, spreads out
 * those who are told so at once.
 */
export function fullWindow({ document }: ServedRollout, chance: number): Outcome {
  const seconds = Math.ceil((document.halt.suspectAtLeastMs / 1000) * (0.5 + chance));
  return { kind: 'wait', retryAfterSeconds: Math.max(1, seconds) };
}

function denialOf(decision: Exclude<PermitDecision<ServedRollout>, { readonly answer: 'may' }>): Outcome {
  return decision.answer === 'withdrawn'
    ? { kind: 'withdrawn', why: decision.why }
    : { kind: 'wait', retryAfterSeconds: decision.retryAfterSeconds };
}

/** A device with an open attempt asks; `denied` where it would not get one now. */
function judgeAgain(
  candidate: Asker,
  attempt: Attempt,
  denied: Outcome | undefined,
  nowMs: number,
): Outcome | Renewal {
  const outcome = denied ?? repeated(attempt, candidate);
  const { begins: number, bootId, atMs } = candidate;
  if (number === undefined || !isNewlyAsked(attempt, { number, bootId })) return outcome;
  const isGranted = outcome.kind === 'granted';
  const again = isGranted && !isTooLate(candidate, nowMs) && attempt.permitEndMs - nowMs >= LEAST_LIFE_MS;
  if (attempt.state === 'granted' && !again) return isGranted ? SOON : outcome;
  const renewal: AskedFact = { fact: 'asked', attempt: attempt.id, number, bootId, atMs, again };
  if (again) return { renewal, told: outcome };
  return denied === undefined ? { renewal } : { renewal: { ...renewal, denied: true }, told: denied };
}

/**
 * A repeat of a granted request gets the same attempt, also when it was overtaken by "installing" on its way here: nothing may
 * withdraw an install that has begun. A device that asks in another boot has left its attempt, which must end first.
 */
function repeated(attempt: Attempt, { bootId, question: { rollout } }: Asker): Outcome {
  if (attempt.withdrawn) return { kind: 'withdrawn', why: 'the permit was taken back' };
  const isSame = attempt.state === 'granted' || attempt.bootId === bootId;
  return isSame ? { kind: 'granted', rollout, attempt, isNew: false } : SOON;
}

/** The check of a new boot ends an attempt of the boot before it; the next question finds that done. */
const SOON: Outcome = { kind: 'wait', retryAfterSeconds: 10 };

/** A device takes no answer that comes later (docs/protocol.md). */
const ANSWER_LIFE_MS = 60_000;
const isTooLate = ({ atMs }: Candidate, nowMs: number): boolean => nowMs - atMs > ANSWER_LIFE_MS;

/**
 * Whether nobody would take the permit that an install begins with, so that it would be lost before it began: the answer would be
 * too late, the device was seen in another boot since, or the request is a copy of one that was answered before.
 */
function isInVain(
  candidate: Candidate,
  { running }: DeviceRecord,
  previous: Attempt | undefined,
  nowMs: number,
): boolean {
  const { begins, atMs, bootId } = candidate;
  if (begins === undefined) return false;
  const hasLeftItsBoot = running !== undefined && running.bootId !== bootId && running.seenAtMs > atMs;
  const wasAnswered = previous?.bootId === bootId && begins <= (previous.asked ?? 0);
  return isTooLate(candidate, nowMs) || hasLeftItsBoot || wasAnswered;
}
