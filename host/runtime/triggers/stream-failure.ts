import { itemFailuresIn } from './item-failures.ts';
import type { StreamRecord } from './stream-record.ts';

/**
 * Records from the first that the answer names. As on Lambda, an answer that cannot be read, or that names a record that was not in
 * the batch, fails the whole batch; an empty answer means that all is done.
 */
export function failedOf(answer: unknown, batch: readonly StreamRecord[]): readonly StreamRecord[] {
  const named = itemFailuresIn(answer);
  if (named === undefined) return batch;
  if (named.length === 0) return [];
  const places = named.map((id) => batch.findIndex(({ dynamodb }) => dynamodb.SequenceNumber === id));
  return batch.slice(Math.max(0, Math.min(...places)));
}

/** Why a batch was given up, as Lambda writes it; what it writes of the age is not in its guide, but was seen in its letters. */
export type StreamCondition = 'RetryAttemptsExhausted' | 'RecordAgeExceeded';

/** What Lambda sends to the failure destination of a stream: where the batch is, not what was in it. */
export function accountOf(
  batch: readonly StreamRecord[],
  functionName: string,
  streamArn: string,
  { condition, invokeCount }: { readonly condition: StreamCondition; readonly invokeCount: number },
  nowMs: number,
): unknown {
  const first = batch[0]?.dynamodb;
  const last = batch.at(-1)?.dynamodb;
  return {
    requestContext: {
      functionArn: functionName,
      condition,
      approximateInvokeCount: invokeCount,
    },
    version: '1.0',
    timestamp: new Date(nowMs).toISOString(),
    DDBStreamBatchInfo: {
      streamArn,
      startSequenceNumber: first?.SequenceNumber,
      endSequenceNumber: last?.SequenceNumber,
      approximateArrivalOfFirstRecord: first?.ApproximateCreationDateTime,
      approximateArrivalOfLastRecord: last?.ApproximateCreationDateTime,
      batchSize: batch.length,
    },
  };
}
