import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { AwsSource } from '#shared/capabilities/home.ts';
import { checkMessage } from '#shared/capabilities/limits/queue-limits.ts';
import type { OutgoingMessage, Queue } from '#shared/capabilities/queue.ts';
import { calling } from './aws-error.ts';
import { batchesOf, sendBatches } from './batches.ts';
import { CLIENT_SETTINGS } from './client-settings.ts';

/** What an SQS queue is reached by. */
export interface SqsQueueParts {
  readonly client: SQSClient;
  readonly url: string;
}

/** The client of queues and of looks at their backlog. */
export const newSqsClient = (): SQSClient => new SQSClient(CLIENT_SETTINGS);

/** The queue whose URL the variable holds. */
export function open({ resource, share }: AwsSource): Queue {
  return new SqsQueue({ client: share(newSqsClient), url: resource });
}

/** `Queue` on a standard SQS queue. */
export class SqsQueue implements Queue {
  readonly #parts: SqsQueueParts;

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
}
