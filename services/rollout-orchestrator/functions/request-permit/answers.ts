import type { OfferedRelease } from '#shared/contracts/device/offer.ts';
import type { PermitAnswer } from '#shared/contracts/device/permit.ts';
import type { DeviceAnswer } from '#shared/lambda/answer-device.ts';
import { LEAST_LIFE_MS, type Outcome } from '../../steps/permit-candidates.ts';

/** The answer to a device that asked for that rollout; `undefined` while there is none, or where silence says enough. */
export function answerToRequest(
  nonce: string,
  rollout: string,
  outcome: Outcome,
  nowMs: number,
): DeviceAnswer | undefined {
  const answer = permitAnswerOf(nonce, rollout, outcome, nowMs);
  return answer && { kind: 'permit', answer };
}

function permitAnswerOf(
  nonce: string,
  rollout: string,
  outcome: Outcome,
  nowMs: number,
): PermitAnswer | undefined {
  const about = { v: 1, nonce, rollout } as const;
  switch (outcome.kind) {
    case 'granted': {
      const { id: attempt, permitEndMs } = outcome.attempt;
      const leftMs = permitEndMs - nowMs;
      if (leftMs >= LEAST_LIFE_MS)
        return { ...about, answer: 'granted', attempt, seconds: Math.floor(leftMs / 1000) };
      return { ...about, answer: 'wait', retryAfter: Math.ceil(Math.max(0, leftMs) / 1000) + 1 };
    }
    case 'wait':
      return { ...about, answer: 'wait', retryAfter: outcome.retryAfterSeconds };
    case 'withdrawn':
      return { ...about, answer: 'withdrawn', why: outcome.why };
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
): Promise<DeviceAnswer | undefined> {
  if (outcome.kind === 'granted') {
    const answer = permitAnswerOf(nonce, served.rollout, outcome, nowMs);
    if (answer?.answer !== 'granted') return undefined;
    return { kind: 'permit', answer: { ...answer, offer: await served.release() } };
  }
  if (outcome.kind !== 'wait' || served.granted >= TOLD_UP_TO) return undefined;
  return { kind: 'offer', answer: { v: 1, nonce, retryAfter: outcome.retryAfterSeconds } };
}
