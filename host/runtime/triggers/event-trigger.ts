import type { QueueSource, ReceivedMessage } from '#host/store/queue-source.ts';
import { ServedTime } from '#host/store/served-time.ts';
import { backoffMs } from '#shared/retry/backoff.ts';
import type { World } from '#shared/world/world.ts';
import { DELIVERY_BACKOFF } from '../delivery-backoff.ts';
import type { GivenUpFailure } from '../failure-account.ts';
import type { OnGivenUp } from '../given-up.ts';
import type { HostLog } from '../host-log.ts';
import type { Invocable } from '../invocable.ts';
import { QueueReading } from '../queue-reading.ts';
import { Running } from '../running.ts';
import type { Trigger } from './trigger.ts';

/**
 * How often and how long a delivery is tried: `retryPolicy` of an EventBridge target, or Lambda's for S3 events. Neither time in which
 * the host did not run nor a clock that jumps makes an event older.
 */
export interface RetryPolicy {
  readonly maximumRetryAttempts: number;
  readonly maximumEventAgeSeconds: number;
}

/** Where events wait, and what they are handed to. */
export interface EventTriggerParts {
  /** Where the events wait, one JSON text each; this trigger's own. */
  readonly queue: QueueSource;
  readonly pool: Invocable;
  readonly world: Pick<World, 'after' | 'monotonicMs' | 'now' | 'random'>;
  readonly log: HostLog;
  readonly onGivenUp: OnGivenUp;
}

/** Nobody else reads the queue, so that visibility only has to outlast any delivery (Lambda: at most 900 s). */
const VISIBILITY_SECONDS = 3_600;
const MOST_AT_ONCE = 16;

/**
 * Durable events -> function, one event an invocation: rules of the bus and uploads. What fails comes again after a pause that
 * doubles, until attempts or age are used up.
 */
export class EventTrigger implements Trigger {
  readonly name: string;
  readonly #parts: EventTriggerParts;
  readonly #policy: RetryPolicy;
  readonly #served: ServedTime;
  readonly #running: Running;
  readonly #reading: QueueReading;

  constructor(name: string, parts: EventTriggerParts, policy: RetryPolicy) {
    this.name = name;
    this.#parts = parts;
    this.#policy = policy;
    this.#served = new ServedTime(parts.world);
    this.#running = new Running((error) =>
      parts.log.error('an event could not be put away', error, { trigger: name }),
    );
    this.#reading = new QueueReading(
      parts.queue,
      () => this.#takeIn(),
      (error) => parts.log.error('events could not be read', error, { trigger: name }),
    );
  }

  get isBusy(): boolean {
    return this.#running.count > 0 || this.#reading.isRunning;
  }

  start(): void {
    this.#reading.start();
  }

  async stop(): Promise<void> {
    await this.#reading.stop();
    await this.#running.idle();
  }

  async #takeIn(): Promise<void> {
    while (!this.#reading.isStopped && this.#running.count < MOST_AT_ONCE) {
      const room = MOST_AT_ONCE - this.#running.count;
      const messages = await this.#parts.queue.receive(room, VISIBILITY_SECONDS);
      for (const message of messages) {
        void this.#running.track(this.#deliver(message)).then(() => this.#reading.wake());
      }
      if (messages.length < room) return;
    }
  }

  async #deliver(message: ReceivedMessage): Promise<void> {
    const { pool, queue, world, log } = this.#parts;
    const attempt = message.receiveCount - 1;
    const event: unknown = JSON.parse(message.body);
    try {
      await pool.invoke(event);
    } catch (error) {
      log.error('an event could not be handled', error, { trigger: this.name, attempt });
      const condition = this.#givenUpBy(message);
      if (condition === undefined) {
        const delaySeconds = Math.ceil(backoffMs(attempt, DELIVERY_BACKOFF, world) / 1000);
        return queue.release([message.receiptHandle], delaySeconds);
      }
      await this.#parts.onGivenUp(event, { error, attempts: message.receiveCount, condition });
    }
    return queue.remove([message.receiptHandle]);
  }

  #givenUpBy({ receiveCount, sentAtMs }: ReceivedMessage): GivenUpFailure['condition'] | undefined {
    const { maximumRetryAttempts, maximumEventAgeSeconds } = this.#policy;
    if (receiveCount > maximumRetryAttempts) return 'RetriesExhausted';
    const isTooOld = sentAtMs < this.#served.retainedFromMs(maximumEventAgeSeconds * 1000);
    return isTooOld ? 'EventAgeExceeded' : undefined;
  }
}
