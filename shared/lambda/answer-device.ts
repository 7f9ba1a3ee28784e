import type { DeviceLink } from '#shared/capabilities/device-link.ts';
import type { Offer, RetryAfter } from '#shared/contracts/device/offer.ts';
import type { PermitAnswer } from '#shared/contracts/device/permit.ts';
import type { Ack, Refused } from '#shared/contracts/device/report.ts';
import { type Downward, downTopic } from '#shared/contracts/device/topics.ts';

/** What devices are answered on each of their topics. */
interface Answers extends Record<Downward, unknown> {
  readonly offer: Offer | RetryAfter;
  readonly permit: PermitAnswer;
  readonly ack: Ack;
  readonly refused: Refused;
}

/** An answer to a device, and the topic of its own that it is for. */
export type DeviceAnswer = {
  [Kind in Downward]: { readonly kind: Kind; readonly answer: Answers[Kind] };
}[Downward];

/** Sends an answer to the device that it is for. Throws what the link throws. */
export async function answerDevice(
  link: DeviceLink,
  thing: string,
  { kind, answer }: DeviceAnswer,
): Promise<void> {
  await link.publish(downTopic(thing, kind), Buffer.from(JSON.stringify(answer)));
}
