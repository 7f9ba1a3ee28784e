import type * as z from 'zod';
import { type Bound, deviceLink, together } from '#shared/capabilities/needs.ts';
import type { RuleEvent } from '#shared/contracts/device/rule-event.ts';
import { RefusedError } from '#shared/errors/errors.ts';
import { faultOf } from '#shared/errors/fault-of.ts';
import type { Call } from './call.ts';
import {
  answerRefused,
  type DeviceMessage,
  readDeviceMessage,
  readSender,
  ruleEventOf,
} from './device-message.ts';
import { type LambdaFunction, lambdaFunction, type Needs } from './lambda-function.ts';
import { RecordBatch } from './record-batch.ts';
import type { SqsBatchResponse, SqsEvent, SqsRecord } from './sqs.ts';

/** A message that came through a queue. */
export interface QueuedDeviceMessage<Body> extends DeviceMessage<Body> {
  /** 1 at the first delivery. */
  readonly receiveCount: number;
}

/** What became of a batch, besides being done: messages to be delivered again, and refusals to be answered. */
export interface BatchOutcome<Body> {
  readonly retry?: readonly DeviceMessage<Body>[];
  readonly refused?: readonly { readonly message: DeviceMessage<Body>; readonly error: RefusedError }[];
}

type Steps<Body, N extends Needs> = (
  messages: readonly QueuedDeviceMessage<Body>[],
  needs: Bound<N>,
  call: Call,
) => Promise<BatchOutcome<Body>>;

/**
 * A function behind a queue that an IoT rule fills: facts, which must not be lost. Steps get the whole batch at once; a
 * message that breaks a rule is refused to its sender and is done with; a record that no rule made comes again until it lies
 * in the dead-letter queue, where an alarm sees it; when steps throw, all come again.
 */
export function onDeviceBatch<Body, N extends Needs>(
  kind: string,
  schema: z.ZodType<Body>,
  needs: N,
  steps: Steps<Body, N>,
): LambdaFunction<SqsEvent, SqsBatchResponse> {
  const all = { own: together(needs), link: deviceLink };
  const feed = 'rule';
  return lambdaFunction(
    { kind: 'device-batch', contract: schema, feed, correlationIdOf: ({ Records }) => Records[0]?.messageId },
    all,
    async (event: SqsEvent, { own, link }, call) => {
      const batch = new RecordBatch<QueuedDeviceMessage<Body>>();
      const refuse = async (record: SqsRecord, sender: RuleEvent, error: RefusedError) => {
        call.count('DeviceMessageRefused');
        try {
          await answerRefused(link, sender, kind, error);
        } catch (fault) {
          // That answer is owed, and the other records have nothing to do with it.
          call.log.error('a refusal could not be sent', {
            messageId: record.messageId,
            error: faultOf(fault),
          });
          batch.redeliver(record);
        }
      };
      for (const record of event.Records) {
        const read = readRecord(record, schema);
        if ('message' in read) {
          const receiveCount = Number(record.attributes.ApproximateReceiveCount);
          batch.add({ ...read.message, receiveCount }, record);
        } else if ('refused' in read) await refuse(record, read.sender, read.refused);
        else if ('denied' in read) call.count('DeviceMessageDenied');
        else {
          call.log.error('queue message is not what a rule hands over', {
            messageId: record.messageId,
            error: read.broken,
          });
          batch.redeliver(record);
        }
      }
      const { messages } = batch;
      if (messages.length === 0) return batch.answer([]);
      const { refused = [], retry = [] } = await steps(messages, own, call);
      for (const { message, error } of refused)
        await refuse(batch.recordOf(message), ruleEventOf(message), error);
      return batch.answer(retry);
    },
  );
}

/**
 * What a record holds: a message; one that breaks a rule, and whom to tell; one whose sender may not speak for that thing,
 * who is told nothing; or none at all, which is our own fault and kept for the dead-letter queue.
 */
type ReadRecord<Body> =
  | { readonly message: DeviceMessage<Body> }
  | { readonly refused: RefusedError; readonly sender: RuleEvent }
  | { readonly denied: RefusedError }
  | { readonly broken: Error };

function readRecord<Body>(record: SqsRecord, schema: z.ZodType<Body>): ReadRecord<Body> {
  let sender: RuleEvent | undefined;
  try {
    sender = readSender(JSON.parse(record.body));
    return { message: readDeviceMessage(sender, schema) };
  } catch (error) {
    if (!(error instanceof RefusedError)) return { broken: faultOf(error) };
    return sender === undefined ? { denied: error } : { refused: error, sender };
  }
}
