import type * as z from 'zod';
import type { DeviceLink } from '#shared/capabilities/device-link.ts';
import { type Bound, deviceLink, type Need, together } from '#shared/capabilities/needs.ts';
import { RefusedError } from '#shared/errors/errors.ts';
import type { QueueFeed } from '#shared/metering/arrival.ts';
import type { Call } from './call.ts';
import { answerRefused, type DeviceMessage, readDeviceMessage, readSender } from './device-message.ts';
import { type LambdaFunction, lambdaFunction, type Needs } from './lambda-function.ts';
import { failing, type SqsBatchResponse, type SqsEvent, type SqsRecord } from './sqs.ts';

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
 * message that cannot be read is refused to its sender and is done with; when steps throw, all come again.
 */
export function onDeviceBatch<Body, N extends Needs>(
  kind: string,
  schema: z.ZodType<Body>,
  needs: N,
  steps: Steps<Body, N>,
): LambdaFunction<SqsEvent, SqsBatchResponse> {
  return deviceBatch(kind, schema, needs, steps, deviceLink, 'rule');
}

/** The same where another function gets the same messages and answers the refusals: this one only counts them. */
export function onDeviceCopies<Body, N extends Needs>(
  kind: string,
  schema: z.ZodType<Body>,
  needs: N,
  steps: Steps<Body, N>,
): LambdaFunction<SqsEvent, SqsBatchResponse> {
  return deviceBatch(kind, schema, needs, steps, nobody, 'further-action');
}

function deviceBatch<Body, N extends Needs>(
  kind: string,
  schema: z.ZodType<Body>,
  needs: N,
  steps: Steps<Body, N>,
  answeringBy: Need<DeviceLink | undefined>,
  feed: QueueFeed,
): LambdaFunction<SqsEvent, SqsBatchResponse> {
  const all = { own: together(needs), link: answeringBy };
  return lambdaFunction(
    { kind: 'device-batch', contract: schema, feed, correlationIdOf: ({ Records }) => Records[0]?.messageId },
    all,
    async (event: SqsEvent, { own, link }, call) => {
      const messages: QueuedDeviceMessage<Body>[] = [];
      const records = new Map<DeviceMessage<Body>, SqsRecord>();
      const refuse = async (thing: string, error: RefusedError) => {
        call.count('DeviceMessageRefused');
        if (link !== undefined) await answerRefused(link, thing, kind, error);
      };
      for (const record of event.Records) {
        const read = readRecord(record, schema);
        if ('message' in read) {
          const receiveCount = Number(record.attributes.ApproximateReceiveCount);
          const message = { ...read.message, receiveCount };
          messages.push(message);
          records.set(message, record);
        } else if (read.thing === undefined) call.count('DeviceMessageUnreadable');
        else await refuse(read.thing, read.error);
      }
      if (messages.length === 0) return failing([]);
      const outcome = await steps(messages, own, call);
      for (const { message, error } of outcome.refused ?? []) await refuse(message.thing, error);
      const again = (outcome.retry ?? []).flatMap((message) => records.get(message) ?? []);
      return failing(again);
    },
  );
}

/** The need of a function that answers nobody. */
const nobody: Need<undefined> = { bind: () => Promise.resolve(undefined) };

type ReadRecord<Body> = { message: DeviceMessage<Body> } | { thing: string | undefined; error: RefusedError };

function readRecord<Body>(record: SqsRecord, schema: z.ZodType<Body>): ReadRecord<Body> {
  let thing: string | undefined;
  try {
    const sender = readSender(JSON.parse(record.body));
    thing = sender.thing;
    return { message: readDeviceMessage(sender, schema) };
  } catch (error) {
    if (error instanceof RefusedError) return { thing, error };
    if (error instanceof SyntaxError) return { thing, error: new RefusedError('message', 'must be JSON') };
    throw error;
  }
}
