import { ServedTime } from '#host/store/served-time.ts';
import { backoffMs } from '#shared/retry/backoff.ts';
import type { World } from '#shared/world/world.ts';
import type { HostLog } from '../runtime/host-log.ts';
import type { Invocable } from '../runtime/invocable.ts';
import { QueueReading } from '../runtime/queue-reading.ts';
import type { QueueSource, ReceivedMessage } from '../store/queue-source.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** The pauses between the attempts of one event. */
const BACKOFF = { firstMs: 100, longestMs: 300_000 };
/** Nobody else reads the queue: it only has to outlast one delivery. */
const VISIBILITY_SECONDS = 600;

/** Where events wait, and who is to get them. */
export interface DeliveryParts {
  /** Where events wait, one JSON text each; nobody else reads it. */
  readonly queue: QueueSource;
  /** Hands an event over; throws when it was not taken. */
  readonly receiver: Invocable & { close(): void };
  readonly world: Pick<World, 'now' | 'monotonicMs' | 'random'>;
  readonly log: HostLog;
}

/**
 * Hands durable events to a receiver outside, one at a time and in their order while it takes them. What it does not take comes again after
 * a pause of its own that doubles, behind the others, and is given up a day after it was sent.
 */
export class Delivery {
  readonly #parts: DeliveryParts;
  readonly #reading: QueueReading;
  readonly #served: ServedTime;
  /** Attempts in a row that failed. */
  #failures = 0;
  /** Of the last failure that the log was told of. */
  #loggedFault = '';

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
    this.#served = new ServedTime(parts.world);
    const { queue, receiver, log } = parts;
    this.#reading = new QueueReading(
      queue,
      () => this.#deliverAll(),
      (error) => log.error('notifications could not be read', error, { receiver: receiver.name }),
    );
  }

  start(): void {
    this.#reading.start();
  }

  /** Cuts off what is under way, which stays for the next start; resolves once nothing is. */
  async stop(): Promise<void> {
    const ended = this.#reading.stop();
    this.#parts.receiver.close();
    await ended;
  }

  async #deliverAll(): Promise<void> {
    while (!this.#reading.isStopped) {
      const [message] = await this.#parts.queue.receive(1, VISIBILITY_SECONDS);
      if (message === undefined) return;
      await this.#deliver(message);
    }
  }

  async #deliver(message: ReceivedMessage): Promise<void> {
    const { queue, receiver, log } = this.#parts;
    const { body, receiptHandle, receiveCount } = message;
    if (this.#isOld(message) && (receiveCount > 1 || this.#failures > 0)) return this.#giveUp(message);
    try {
      await receiver.invoke(JSON.parse(body));
    } catch (error) {
      return this.#onFailure(message, error);
    }
    if (this.#failures > 0)
      log.info('notifications are taken again', { receiver: receiver.name, failures: this.#failures });
    this.#failures = 0;
    this.#loggedFault = '';
    return queue.remove([receiptHandle]);
  }

  async #onFailure(message: ReceivedMessage, error: unknown): Promise<void> {
    const { queue, receiver, world, log } = this.#parts;
    if (this.#reading.isStopped) return;
    this.#failures += 1;
    // One line for as long as it fails in the same way: a day of attempts must not push everything else out of the log.
    if (String(error) !== this.#loggedFault)
      log.error('a notification was not taken', error, { receiver: receiver.name });
    this.#loggedFault = String(error);
    if (this.#isOld(message)) return this.#giveUp(message);
    const delayMs = backoffMs(message.receiveCount, BACKOFF, world);
    return queue.release([message.receiptHandle], Math.ceil(delayMs / 1000));
  }

  #isOld({ sentAtMs }: ReceivedMessage): boolean {
    return sentAtMs < this.#served.retainedFromMs(DAY_MS);
  }

  async #giveUp({ body, receiptHandle }: ReceivedMessage): Promise<void> {
    const { queue, receiver, log } = this.#parts;
    log.warn('a notification was given up after a day', {
      receiver: receiver.name,
      notification: body.slice(0, 2_000),
    });
    return queue.remove([receiptHandle]);
  }
}
