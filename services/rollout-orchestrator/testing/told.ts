import * as z from 'zod';
import { Offer, RetryAfter } from '#shared/contracts/device/offer.ts';
import { PermitAnswer } from '#shared/contracts/device/permit.ts';
import { Ack, Refused } from '#shared/contracts/device/report.ts';

/** Every message that a device is sent about its updates. */
export const Down = z.union([PermitAnswer, Offer, RetryAfter, Ack, Refused]);
type Down = z.infer<typeof Down>;
type FieldOf<Message> = Message extends unknown ? keyof Message : never;
type ValueOf<Message, Field> = Message extends unknown
  ? Field extends keyof Message
    ? Message[Field]
    : never
  : never;
/** What a device was told, whichever message it was: each field with what those messages hold that have it. */
export type Told = { readonly [Field in FieldOf<Down>]?: ValueOf<Down, Field> };

/** The permit that a device was told of. Throws when it was told anything else. */
export function grantedIn(told: Told | undefined): Extract<PermitAnswer, { answer: 'granted' }> {
  const answer = PermitAnswer.parse(told);
  if (answer.answer !== 'granted') throw new Error(`the answer is ${answer.answer}, not a permit`);
  return answer;
}
