import type { DeviceLink } from '#shared/capabilities/device-link.ts';
import type { OfferedRelease, RetryAfter } from '#shared/contracts/device/offer.ts';
import type { PermitAnswer } from '#shared/contracts/device/permit.ts';
import { type Downward, downTopic } from '#shared/contracts/device/topics.ts';
import { LEAST_LIFE_MS, type Outcome } from '../../steps/permit-candidates.ts';
import type { AskMessage } from './device-ask.ts';

/** What a device is told, and where it listens for that. */
export interface Said {
  readonly kind: Downward;
  readonly answer: PermitAnswer | RetryAfter;
}

/** The answer to a device that asked for that rollout; `undefined` while there is none, or where silence says enough. */
export function answerTo(nonce: string, rollout: string, outcome: Outcome, nowMs: number): Said | undefined {
  const about = { v: 1, nonce, rollout } as const;
  switch (outcome.outcome) {
    case 'granted': {
      const { id: attempt, permitEndMs } = outcome.attempt;
      const leftMs = permitEndMs - nowMs;
      const answer: PermitAnswer =
        leftMs < LEAST_LIFE_MS
          ? { ...about, answer: 'wait', retryAfter: Math.ceil(Math.max(0, leftMs) / 1000) + 1 }
          : { ...about, answer: 'granted', attempt, seconds: Math.floor(leftMs / 1000) };
      return { kind: 'permit', answer };
    }
    case 'wait':
      return {
        kind: 'permit',
        answer: { ...about, answer: 'wait', retryAfter: outcome.retryAfterSeconds },
      };
    case 'withdrawn':
      return { kind: 'permit', answer: { ...about, answer: 'withdrawn', why: outcome.why } };
    case 'nothing':
    case 'unsettled':
      return undefined;
  }
}

/**
 * A rollout that has granted so many permits has enough devices that ask by themselves: who finds its window full is told nothing, and
 * comes again at its interval. Before, it is told when, so that a small fleet need not wait for its next day.
 */
const TOLD_UP_TO = 1_000;

/**
 * The answer to a check that would begin at once: the permit together with the release. Anything else is silence, but for when it is
 * worth asking again.
 */
export async function answerToCheck(
  nonce: string,
  outcome: Outcome,
  served: { readonly rollout: string; readonly granted: number; release(): Promise<OfferedRelease> },
  nowMs: number,
): Promise<Said | undefined> {
  if (outcome.outcome === 'granted') {
    const said = answerTo(nonce, served.rollout, outcome, nowMs);
    if (said === undefined || !('answer' in said.answer) || said.answer.answer !== 'granted')
      return undefined;
    return { kind: 'permit', answer: { ...said.answer, offer: await served.release() } };
  }
  if (outcome.outcome !== 'wait' || served.granted >= TOLD_UP_TO) return undefined;
  return { kind: 'offer', answer: { v: 1, nonce, retryAfter: outcome.retryAfterSeconds } };
}

/** Sends an answer to the device that asked. */
export async function say(link: DeviceLink, { thing }: AskMessage, { kind, answer }: Said): Promise<void> {
  await link.publish(downTopic(thing, kind), Buffer.from(JSON.stringify(answer)));
}
