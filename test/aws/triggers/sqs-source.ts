import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { QueueSource, ReceivedMessage } from '#host/store/queue-source.ts';
import { type Cancel, pause, type World } from '#shared/world/world.ts';

/** A poll waits so long for a message. */
const WAIT_SECONDS = 5;
const MOST_A_REQUEST = 10;
/** After a poll that failed. */
const AGAIN_MS = 1_000;

/**
 * A queue of SQS as Lambda's pollers read it: long polls that fetch ahead, with the rights of the function that is fed (event
 * source mappings act in its role).
 */
export class SqsSource implements QueueSource {
  readonly #client: SQSClient;
  readonly #url: string;
  readonly #world: Pick<World, 'after'>;
  readonly #onFault: (error: unknown) => void;
  readonly #stopping = new AbortController();
  #fetched: ReceivedMessage[] = [];
  #onRoom: (() => void) | undefined;

  constructor(
    client: SQSClient,
    url: string,
    world: Pick<World, 'after'>,
    onFault: (error: unknown) => void,
  ) {
    this.#client = client;
    this.#url = url;
    this.#world = world;
    this.#onFault = onFault;
  }

  /** Visibility is the queue's own. */
  async receive(max: number): Promise<readonly ReceivedMessage[]> {
    const taken = this.#fetched.splice(0, max);
    this.#onRoom?.();
    return taken;
  }

  async remove(receiptHandles: readonly string[]): Promise<void> {
    for (const Entries of entriesOf(receiptHandles)) {
      const request = new DeleteMessageBatchCommand({ QueueUrl: this.#url, Entries });
      const { Failed = [] } = await this.#client.send(request);
      if (Failed.length > 0) throw new Error(`${Failed.length} messages were not deleted`);
    }
  }

  /** Lambda's pollers have no right to give a message back early: it comes again when its visibility ends. */
  release(): Promise<void> {
    return Promise.resolve();
  }

  onArrival(run: () => void): Cancel {
    void this.#poll(run);
    return () => {
      this.#stopping.abort();
      this.#onRoom?.();
    };
  }

  async #poll(run: () => void): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        const request = new ReceiveMessageCommand({
          QueueUrl: this.#url,
          MaxNumberOfMessages: MOST_A_REQUEST,
          WaitTimeSeconds: WAIT_SECONDS,
          MessageSystemAttributeNames: ['All'],
        });
        const { Messages = [] } = await this.#client.send(request, { abortSignal: signal });
        this.#fetched.push(...Messages.map(received));
        if (Messages.length > 0) run();
        while (this.#fetched.length >= MOST_A_REQUEST && !signal.aborted) await this.#room();
      } catch (error) {
        if (signal.aborted) return;
        this.#onFault(error);
        await pause(this.#world, AGAIN_MS);
      }
    }
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#onRoom = () => {
        this.#onRoom = undefined;
        resolve();
      };
    });
  }
}

function received({
  MessageId = '',
  ReceiptHandle = '',
  Body = '',
  Attributes = {},
}: Message): ReceivedMessage {
  return {
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    receiveCount: Number(Attributes.ApproximateReceiveCount),
    sentAtMs: Number(Attributes.SentTimestamp),
  };
}

function entriesOf(handles: readonly string[]): { Id: string; ReceiptHandle: string }[][] {
  const entries = handles.map((ReceiptHandle, at) => ({ Id: `${at}`, ReceiptHandle }));
  const requests = Math.ceil(entries.length / MOST_A_REQUEST);
  return Array.from({ length: requests }, (_, at) =>
    entries.slice(at * MOST_A_REQUEST, (at + 1) * MOST_A_REQUEST),
  );
}
