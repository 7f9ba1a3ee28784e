import { type Attempt, isOpen } from '../domain/attempt/attempt.ts';
import { nextAttemptNumber } from '../domain/attempt/open-attempt.ts';
import type { DeviceSays } from '../domain/decision/device.ts';
import { mayInstall, type PermitQuestion } from '../domain/decision/may-install.ts';
import { decisionFacts } from '../domain/device/decision-facts.ts';
import type { DeviceRecord } from '../domain/device/device.ts';
import type { AttemptRecord } from '../stores/attempt-store.ts';
import type { ServedRollout } from './active-rollouts.ts';

/** A device that asks for a permit. */
export interface Candidate {
  readonly tenant: string;
  readonly deviceId: string;
  readonly question: PermitQuestion;
  readonly says: DeviceSays;
  readonly bootId: string;
}

/** What a device that asked is told; `unsettled`: nothing yet, its message must come again. */
export type Outcome =
  | {
      readonly outcome: 'granted';
      readonly rollout: string;
      readonly attempt: Attempt;
      readonly isNew: boolean;
    }
  | { readonly outcome: 'wait'; readonly retryAfterSeconds: number }
  | { readonly outcome: 'withdrawn'; readonly why: string }
  | { readonly outcome: 'unsettled' };

/** A candidate that may install, if window and ceiling have room. */
export interface Eligible {
  readonly served: ServedRollout;
  readonly digest: string;
  readonly number: number;
}

/** Everything that must hold for a permit besides window and ceiling, on rows that were read just now. */
export function judgeCandidate(
  candidate: Candidate,
  device: DeviceRecord,
  row: AttemptRecord,
  active: readonly ServedRollout[],
  nowMs: number,
): Outcome | Eligible {
  const { attempt } = row;
  const { rollout } = candidate.question;
  const decision = mayInstall(decisionFacts(device), candidate.says, candidate.question, active, nowMs);
  if (decision.answer === 'withdrawn') return { outcome: 'withdrawn', why: decision.why };
  if (decision.answer === 'wait') return { outcome: 'wait', retryAfterSeconds: decision.retryAfterSeconds };
  if (attempt !== undefined && isOpen(attempt)) return repeated(rollout, attempt, candidate);
  const number = nextAttemptNumber(attempt, decision.rollout.document.retry.attempts);
  if (typeof number === 'string') return { outcome: 'withdrawn', why: `no further attempt: ${number}` };
  // What decides was prepared by `ActiveRollouts`, so that the chosen one is among them.
  const served = active.find((one) => one.rollout === rollout) as ServedRollout;
  return { served, digest: decision.artifact.sha256, number };
}

/** In how many seconds to ask again when window or ceiling are full: about when the window can have moved, spread out. */
export function windowAgainSeconds({ document }: ServedRollout, chance: number): number {
  return Math.max(1, Math.ceil((document.halt.suspectAtLeastMs / 1000) * (0.5 + chance)));
}

/**
 * A repeat of a granted request gets the same attempt, also when it was overtaken by "installing" on its way here: nothing may
 * withdraw an install that has begun. A device that asks in another boot has left its attempt, which must end first.
 */
function repeated(rollout: string, attempt: Attempt, { bootId }: Candidate): Outcome {
  if (attempt.withdrawn) return { outcome: 'withdrawn', why: 'the permit was taken back' };
  const isSame = attempt.state === 'granted' || attempt.bootId === bootId;
  return isSame
    ? { outcome: 'granted', rollout, attempt, isNew: false }
    : { outcome: 'wait', retryAfterSeconds: ENDS_SECONDS };
}

/** The check of a new boot ends an attempt of the boot before it; the next question finds that done. */
const ENDS_SECONDS = 10;
