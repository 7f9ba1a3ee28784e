import type { QueueSource, ReceivedMessage } from '#host/store/queue-source.ts';
import type { Cancel, World } from '#shared/world/world.ts';
import type { HostLog } from '../host-log.ts';
import type { Invocable } from '../invocable.ts';
import { QueueReading } from '../queue-reading.ts';
import { Running } from '../running.ts';
import { itemFailuresIn } from './item-failures.ts';
import type { Trigger } from './trigger.ts';

/** How a queue feeds a function: `events: sqs` of its function.yml, and the queue's visibility timeout. */
export interface QueueTriggerOptions {
  readonly queueArn: string;
  readonly batchSize: number;
  /** A batch that is not full waits so long for more; 0: it does not. */
  readonly batchingWindowSeconds: number;
  /** Batches at the same time, at most. */
  readonly maximumConcurrency: number;
  readonly visibilityTimeoutSeconds: number;
  /** Whether the function's answer names the records that failed (`ReportBatchItemFailures`). */
  readonly reportsItemFailures: boolean;
}

/** What a queue trigger works with. */
export interface QueueTriggerParts {
  readonly queue: QueueSource;
  readonly pool: Invocable;
  readonly world: Pick<World, 'after' | 'monotonicMs'>;
  readonly log: HostLog;
}

/**
 * Queue -> function, as Lambda's event source mapping for SQS: batches by size or window, what the function has done is
 * deleted, what failed (a record that it names, or the batch when it throws) stays in flight until its visibility timeout
 * ends and then comes again, at last into the dead-letter queue.
 */
export class QueueTrigger implements Trigger {
  readonly name: string;
  readonly #options: QueueTriggerOptions;
  readonly #parts: QueueTriggerParts;
  readonly #running: Running;
  readonly #reading: QueueReading;
  #gathered: ReceivedMessage[] = [];
  #windowEndsAtMs: number | undefined;
  #isWindowOver = false;
  #cancelWindow: Cancel | undefined;

  constructor(parts: QueueTriggerParts, options: QueueTriggerOptions) {
    this.name = `${options.queueArn} -> ${parts.pool.name}`;
    this.#parts = parts;
    this.#options = options;
    this.#running = new Running((error) =>
      parts.log.error('a queue batch failed', error, { trigger: this.name }),
    );
    this.#reading = new QueueReading(
      parts.queue,
      () => this.#takeIn(),
      (error) => parts.log.error('a queue could not be read', error, { trigger: this.name }),
    );
  }

  get isBusy(): boolean {
    return this.#running.count > 0 || this.#reading.isRunning;
  }

  get gatheringUntilMs(): number | undefined {
    return this.#windowEndsAtMs;
  }

  start(): void {
    this.#reading.start();
  }

  async stop(): Promise<void> {
    this.#cancelWindow?.();
    await this.#reading.stop();
    await this.#running.idle();
    const handles = this.#gathered.splice(0).map((message) => message.receiptHandle);
    if (handles.length > 0) await this.#parts.queue.release(handles, 0);
  }

  /** Takes messages in until there are none, or no batch more may run. */
  async #takeIn(): Promise<void> {
    const { queue } = this.#parts;
    const { batchSize, maximumConcurrency, visibilityTimeoutSeconds } = this.#options;
    while (!this.#reading.isStopped && this.#running.count < maximumConcurrency) {
      // For every batch that may begin now at once: each asking is a commit.
      const room = batchSize * (maximumConcurrency - this.#running.count) - this.#gathered.length;
      const received = await queue.receive(room, visibilityTimeoutSeconds);
      this.#gathered.push(...received);
      if (this.#gathered.length === 0) return;
      if (this.#gathered.length < batchSize && !this.#hasWaited()) return;
      do this.#deliver();
      while (this.#gathered.length >= batchSize);
    }
  }

  /** Whether a batch that is not full has waited long enough; begins the wait when it has not begun. */
  #hasWaited(): boolean {
    const { world } = this.#parts;
    const windowMs = this.#options.batchingWindowSeconds * 1000;
    if (windowMs === 0 || this.#isWindowOver) return true;
    if (this.#windowEndsAtMs === undefined) {
      this.#windowEndsAtMs = world.monotonicMs() + windowMs;
      this.#cancelWindow = world.after(windowMs, () => {
        // Its word counts, not the clock's: a timer may run a moment early.
        this.#isWindowOver = true;
        this.#reading.wake();
      });
    }
    return false;
  }

  #deliver(): void {
    const batch = this.#gathered.splice(0, this.#options.batchSize);
    this.#windowEndsAtMs = undefined;
    this.#isWindowOver = false;
    this.#cancelWindow?.();
    void this.#running.track(this.#invoke(batch)).then(() => this.#reading.wake());
  }

  /** What it throws leaves the whole batch in flight. */
  async #invoke(batch: readonly ReceivedMessage[]): Promise<void> {
    const { pool, queue, log } = this.#parts;
    const answer = await pool.invoke(sqsEvent(batch, this.#options.queueArn));
    const failed = this.#options.reportsItemFailures ? failedOf(answer, batch) : NONE;
    if (failed.size > 0) {
      log.warn('queue records failed', { trigger: this.name, failed: failed.size, of: batch.length });
    }
    const done = batch.filter((message) => !failed.has(message.messageId));
    if (done.length > 0) await queue.remove(done.map((message) => message.receiptHandle));
  }
}

const NONE: ReadonlySet<string> = new Set();

/**
 * The messages that the answer asks for again. As on Lambda, an answer that cannot be read, or that names a record that was
 * not in the batch, fails the whole batch; an empty answer means that all is done.
 */
function failedOf(answer: unknown, batch: readonly ReceivedMessage[]): ReadonlySet<string> {
  const named = itemFailuresIn(answer)?.map(String);
  if (named?.length === 0) return NONE;
  const all = new Set(batch.map((message) => message.messageId));
  return named?.every((id) => all.has(id)) ? new Set(named) : all;
}

function sqsEvent(batch: readonly ReceivedMessage[], queueArn: string): unknown {
  const awsRegion = queueArn.split(':')[3] ?? '';
  return {
    Records: batch.map(({ messageId, receiptHandle, body, receiveCount, sentAtMs }) => ({
      messageId,
      receiptHandle,
      body,
      attributes: {
        ApproximateReceiveCount: String(receiveCount),
        SentTimestamp: String(sentAtMs),
        SenderId: 'host',
        ApproximateFirstReceiveTimestamp: String(sentAtMs),
      },
      messageAttributes: {},
      eventSource: 'aws:sqs',
      eventSourceARN: queueArn,
      awsRegion,
    })),
  };
}
