import { RefusedError } from '#shared/errors/errors.ts';
import type { OutgoingMessage } from '../queue.ts';
import { fits } from './item-text.ts';

/** SQS: a message has 1 byte to 256 KB. */
const BODY_LIMIT_BYTES = 256 * 1024;
/** SQS refuses other characters than those of XML 1.0 ("SendMessage", MessageBody): U+FFFF is none, though JSON leaves it as it is. */
const OTHER_CHARACTER = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;
/** SQS: DelaySeconds is at most 15 minutes. */
const DELAY_LIMIT_SECONDS = 900;
/** SQS: a visibility time-out is at most 12 hours. */
export const VISIBILITY_LIMIT_SECONDS = 43_200;

/** Throws `RefusedError` for a message that SQS would not take. */
export function checkMessage({ body, delaySeconds = 0 }: OutgoingMessage): void {
  if (typeof body !== 'string' || body === '' || !fits(body, BODY_LIMIT_BYTES)) {
    throw new RefusedError('body', 'must be a text of 1 byte to 256 KB');
  }
  if (OTHER_CHARACTER.test(body)) throw new RefusedError('body', 'must have the characters of XML 1.0 alone');
  checkSeconds('delaySeconds', delaySeconds, 0, DELAY_LIMIT_SECONDS);
}

/** Throws `RefusedError` unless `seconds` is a whole number between the two. */
export function checkSeconds(field: string, seconds: number, least: number, most: number): void {
  if (!Number.isInteger(seconds) || seconds < least || seconds > most) {
    throw new RefusedError(field, `must be a whole number of ${least} to ${most} seconds`);
  }
}
