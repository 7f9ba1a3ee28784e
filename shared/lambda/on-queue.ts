import type * as z from 'zod';
import type { Bound } from '#shared/capabilities/needs.ts';
import { parseJson } from '#shared/contracts/parse-json.ts';
import type { QueueFeed } from '#shared/metering/arrival.ts';
import type { Call } from './call.ts';
import { type LambdaFunction, lambdaFunction, type Needs } from './lambda-function.ts';
import { RecordBatch } from './record-batch.ts';
import type { SqsBatchResponse, SqsEvent } from './sqs.ts';

/** A message of our own from a queue. */
export interface QueueMessage<Body> {
  readonly body: Body;
  /** When it was sent, milliseconds since 1970. */
  readonly sentAtMs: number;
  /** 1 at the first delivery. */
  readonly receiveCount: number;
}

/**
 * A function behind one of the service's own queues. Steps get the batch and answer which messages must come again; a body
 * that does not parse is our own fault: it comes again until it lies in the dead-letter queue, where an alarm sees it.
 */
export function onQueue<Body, N extends Needs>(
  schema: z.ZodType<Body>,
  needs: N,
  steps: (
    messages: readonly QueueMessage<Body>[],
    needs: Bound<N>,
    call: Call,
  ) => Promise<{ readonly retry: readonly QueueMessage<Body>[] } | undefined>,
  /** How messages get there. */
  feed: QueueFeed = 'functions',
): LambdaFunction<SqsEvent, SqsBatchResponse> {
  return lambdaFunction(
    { kind: 'queue', contract: schema, feed, correlationIdOf: ({ Records }) => Records[0]?.messageId },
    needs,
    async (event: SqsEvent, bound, call) => {
      const batch = new RecordBatch<QueueMessage<Body>>();
      for (const record of event.Records) {
        const read = schema.safeParse(parseJson(record.body));
        if (read.success) {
          const { SentTimestamp, ApproximateReceiveCount } = record.attributes;
          const message = {
            body: read.data,
            sentAtMs: Number(SentTimestamp),
            receiveCount: Number(ApproximateReceiveCount),
          };
          batch.add(message, record);
          continue;
        }
        call.log.error('queue message does not follow its contract', {
          messageId: record.messageId,
          issues: read.error.issues,
        });
        batch.redeliver(record);
      }
      const { messages } = batch;
      const outcome = messages.length === 0 ? undefined : await steps(messages, bound, call);
      return batch.answer(outcome?.retry ?? []);
    },
  );
}
