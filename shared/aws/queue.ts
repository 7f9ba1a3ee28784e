import { GetQueueAttributesCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { AwsSource } from '#shared/capabilities/home.ts';
import { checkMessage } from '#shared/capabilities/limits/queue-limits.ts';
import type { Backlog, OutgoingMessage, Queue } from '#shared/capabilities/queue.ts';
import { UnknownOutcomeError } from '#shared/errors/errors.ts';
import type { World } from '#shared/world/world.ts';
import { calling } from './aws-error.ts';
import { batchesOf, sendBatches } from './batches.ts';
import { CLIENT_SETTINGS } from './client-settings.ts';

/** The counts of a queue are right at the latest a minute after its senders fell silent (SQS, GetQueueAttributes). */
const COUNTS_LAG_MS = 60_000;
const COUNTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;

type Counts = [waiting: number, inFlight: number, delayed: number];

/** What an SQS queue is reached by. */
export interface SqsQueueParts {
  readonly client: SQSClient;
  readonly url: string;
  readonly world: Pick<World, 'now'>;
  /** How old the counts may be; 0 for a queue that counts exactly. */
  readonly countsLagMs: number;
}

const newClient = () => new SQSClient(CLIENT_SETTINGS);

/** The queue whose URL the variable holds. */
export function open({ resource, share, world }: AwsSource): Queue {
  return new SqsQueue({ client: share(newClient), url: resource, world, countsLagMs: COUNTS_LAG_MS });
}

/**
 * `Queue` on a standard SQS queue.
 *
 * SQS does not tell when its oldest message was sent: only CloudWatch does, minutes late. `backlog` therefore answers the
 * earliest time that is possible by what it has seen itself, because silence must never be scored while an unread report
 * exists (invariant 15 of the rollouts):
 *
 * - the counts say that nothing is there: a message of the last minute may still be missing in them;
 * - something is there: it was sent at the earliest a minute before the counts were last seen at zero by this instance,
 *   and if they never were, in 1970 - the age is unknown, and silence clocks stop.
 *
 * The price falls on the safe side: silence is found late on a queue that is never seen empty, the attempts stay open, the
 * window stays full, and nobody else is exposed.
 */
export class SqsQueue implements Queue {
  readonly #parts: SqsQueueParts;
  #nothingBeforeMs = 0;

  constructor(parts: SqsQueueParts) {
    this.#parts = parts;
  }

  async send(messages: readonly OutgoingMessage[]): Promise<{ readonly failed: readonly number[] }> {
    messages.forEach(checkMessage);
    const { client, url } = this.#parts;
    const batches = batchesOf(messages, ({ body }) => Buffer.byteLength(body));
    return sendBatches(batches, async (batch) => {
      const Entries = batch.map(({ at, item: { body, delaySeconds } }) => ({
        Id: `${at}`,
        MessageBody: body,
        ...(delaySeconds !== undefined && { DelaySeconds: delaySeconds }),
      }));
      const request = new SendMessageBatchCommand({ QueueUrl: url, Entries });
      const { Failed = [] } = await calling('sqs:SendMessage', url, () => client.send(request));
      return Failed.map(({ Id }) => Number(Id));
    });
  }

  async backlog(): Promise<Backlog> {
    const { client, url, world, countsLagMs } = this.#parts;
    const askedAtMs = world.now();
    const request = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...COUNTS] });
    const { Attributes = {} } = await calling('sqs:GetQueueAttributes', url, () => client.send(request));
    const [waiting, inFlight, delayed] = COUNTS.map((name) =>
      Number(Attributes[name] ?? Number.NaN),
    ) as Counts;
    if (Number.isNaN(waiting + inFlight + delayed))
      // Nothing may be taken for an empty queue that did not say so.
      throw new UnknownOutcomeError(`sqs:GetQueueAttributes on ${url}: answered without counts`);
    const messages = waiting + inFlight + delayed;
    if (waiting + inFlight === 0) {
      // A delayed message may fall due at once, and it was sent before.
      if (delayed === 0) this.#nothingBeforeMs = askedAtMs - countsLagMs;
      return countsLagMs === 0 ? { messages } : { messages, oldestSentAtMs: askedAtMs - countsLagMs };
    }
    return { messages, oldestSentAtMs: this.#nothingBeforeMs };
  }
}
