import type { DeviceLink } from '#shared/capabilities/device-link.ts';
import type { PermitAnswer, PermitRequest } from '#shared/contracts/device/permit.ts';
import { downTopic } from '#shared/contracts/device/topics.ts';
import type { DeviceMessage } from '#shared/lambda/device-message.ts';
import type { Attempt } from '../../domain/attempt/attempt.ts';
import { LEAST_LIFE_MS } from '../../steps/permit-candidates.ts';

export type PermitMessage = DeviceMessage<PermitRequest>;

/** "You may", for as long as the permit lives. */
export function granted({ body }: PermitMessage, attempt: Attempt, nowMs: number): PermitAnswer {
  const leftMs = attempt.permitEndMs - nowMs;
  if (leftMs < LEAST_LIFE_MS) return wait({ body }, Math.ceil(Math.max(0, leftMs) / 1000) + 1);
  const { nonce, rollout } = body;
  return { v: 1, nonce, rollout, answer: 'granted', attempt: attempt.id, seconds: Math.floor(leftMs / 1000) };
}

/** "Not now", ask again in so many seconds. */
export function wait(
  { body: { nonce, rollout } }: Pick<PermitMessage, 'body'>,
  retryAfter: number,
): PermitAnswer {
  return { v: 1, nonce, rollout, answer: 'wait', retryAfter };
}

/** "Forget this rollout." */
export function withdrawn({ body: { nonce, rollout } }: PermitMessage, why: string): PermitAnswer {
  return { v: 1, nonce, rollout, answer: 'withdrawn', why };
}

/** Sends an answer to the device that asked. */
export async function say(link: DeviceLink, { thing }: PermitMessage, answer: PermitAnswer): Promise<void> {
  await link.publish(downTopic(thing, 'permit'), Buffer.from(JSON.stringify(answer)));
}
