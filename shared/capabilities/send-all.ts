import { ThrottledError } from '#shared/errors/errors.ts';
import type { OutgoingMessage, Queue } from './queue.ts';

/** SendMessageBatch fails item by item, mostly for reasons that are gone at once. */
const TRIES = 5;

/** Sends every message, those that were not accepted again; throws `ThrottledError` when some never are. */
export async function sendAll(queue: Queue, messages: readonly OutgoingMessage[]): Promise<void> {
  let left = messages;
  for (let attempt = 0; attempt < TRIES && left.length > 0; attempt += 1) {
    const { failed } = await queue.send(left);
    left = failed.flatMap((index) => left[index] ?? []);
  }
  if (left.length > 0) {
    throw new ThrottledError(`the queue did not take ${left.length} of ${messages.length} messages`);
  }
}
