import { ThrottledError, UnknownOutcomeError } from '#shared/errors/errors.ts';

/** One entry of a batch request, with its position in what the caller asked for. */
export interface Entry<T> {
  readonly at: number;
  readonly item: T;
}

/** SQS and EventBridge take 10 entries and 256 KB a request. */
const ENTRIES_PER_REQUEST = 10;
const BYTES_PER_REQUEST = 256 * 1024;

/** Cuts `items` into batches that one request may carry, in order; an item is never larger than a request. */
export function batchesOf<T>(items: readonly T[], bytesOf: (item: T) => number): Entry<T>[][] {
  const batches: Entry<T>[][] = [];
  let batch: Entry<T>[] = [];
  let batchBytes = 0;
  for (const [at, item] of items.entries()) {
    const itemBytes = bytesOf(item);
    if (
      batch.length === ENTRIES_PER_REQUEST ||
      (batch.length > 0 && batchBytes + itemBytes > BYTES_PER_REQUEST)
    ) {
      batches.push(batch);
      batch = [];
      batchBytes = 0;
    }
    batch.push({ at, item });
    batchBytes += itemBytes;
  }
  return batch.length > 0 ? [...batches, batch] : batches;
}

/** So many requests are under way at once: enough for 4,000 messages in a second, far from the sockets that a client has. */
const REQUESTS_AT_ONCE = 8;

/**
 * Sends batches, a few at a time and in no order, and gathers the positions that were not accepted. A batch that was throttled, or
 * whose answer was lost, is not accepted as a whole: delivery is at least once, so that sending it again is right. Anything else is
 * thrown when nothing is under way any more.
 */
export async function sendBatches<T>(
  batches: readonly (readonly Entry<T>[])[],
  send: (batch: readonly Entry<T>[]) => Promise<readonly number[]>,
): Promise<{ readonly failed: readonly number[] }> {
  const failed: number[] = [];
  const left = batches.values();
  const sendSome = async (): Promise<void> => {
    for (const batch of left) {
      try {
        failed.push(...(await send(batch)));
      } catch (error) {
        if (!(error instanceof ThrottledError || error instanceof UnknownOutcomeError)) throw error;
        failed.push(...batch.map(({ at }) => at));
      }
    }
  };
  const senders = Array.from({ length: Math.min(REQUESTS_AT_ONCE, batches.length) }, sendSome);
  for (const sent of await Promise.allSettled(senders)) if (sent.status === 'rejected') throw sent.reason;
  return { failed: failed.sort((one, other) => one - other) };
}
