import type { ChangeLog } from '#host/store/change-log.ts';
import { ServedTime } from '#host/store/served-time.ts';
import type { Change } from '#shared/capabilities/table.ts';
import { backoffMs } from '#shared/retry/backoff.ts';
import type { Cancel, World } from '#shared/world/world.ts';
import { DELIVERY_BACKOFF } from '../delivery-backoff.ts';
import type { FunctionPool } from '../function-pool.ts';
import type { HostLog } from '../host-log.ts';
import { Woken } from '../woken.ts';
import { accountOf, failedOf, type StreamCondition } from './stream-failure.ts';
import { type StreamRecord, streamRecord } from './stream-record.ts';
import type { Trigger } from './trigger.ts';

/** How a table's change stream feeds a function: `events: stream` of its function.yml. */
export interface StreamTriggerOptions {
  readonly streamArn: string;
  readonly batchSize: number;
  /** A batch that is not full waits so long for more, counted from when its first change was written; 0: it does not. */
  readonly batchingWindowSeconds: number;
  /** `LATEST` skips what was there before this consumer first came. */
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST';
  /** A batch that failed is tried again so often, then it is told to `onFailure` and passed over; -1: without end. */
  readonly maximumRetryAttempts: number;
  /**
   * A record that is older is passed over when it fails; -1: it never is. Neither time in which the host did not run nor a clock that
   * jumps makes one older: AWS's streams forget within a day, this one does not.
   */
  readonly maximumRecordAgeSeconds: number;
  /** Whether the answer may name the first record that failed, so that those before it are done. */
  readonly reportsItemFailures: boolean;
  /** Whether a change is for this function (`filterPatterns`). */
  readonly isWanted: (change: Change) => boolean;
}

/** Which changes are read, and what they are handed to. */
export interface StreamTriggerParts {
  readonly changes: ChangeLog;
  readonly pool: FunctionPool;
  readonly world: Pick<World, 'after' | 'monotonicMs' | 'now' | 'random'>;
  readonly log: HostLog;
  /** Keeps the account of a batch that was given up; resolves once it is kept. */
  readonly onFailure: (account: unknown) => Promise<void>;
}

/** Changes looked at between two checkpoints, whether or not they are for the function. */
const READ_AHEAD = 1_000;

/**
 * Change stream -> function, as Lambda's event source mapping for DynamoDB Streams: in order, one batch at a time, what
 * failed of it again until it succeeds or its attempts are used up. The place in the stream is durable.
 */
export class StreamTrigger implements Trigger {
  readonly name: string;
  readonly #parts: StreamTriggerParts;
  readonly #options: StreamTriggerOptions;
  readonly #served: ServedTime;
  /** Everything up to here is done, and that is durable. */
  #keptPosition: number;
  /** Everything up to here is done or gathered. */
  #position: number;
  #gathered: StreamRecord[] = [];
  #isWindowOver = false;
  #cancelWindow: Cancel | undefined;
  #cancelListening: Cancel | undefined;
  #wakeFromBackoff: (() => void) | undefined;
  readonly #relaying: Woken;
  #stopped = false;
  #startedAtMs = 0;

  private constructor(parts: StreamTriggerParts, options: StreamTriggerOptions, position: number) {
    this.name = `${options.streamArn} -> ${parts.pool.name}`;
    this.#keptPosition = position;
    this.#position = position;
    this.#parts = parts;
    this.#options = options;
    this.#served = new ServedTime(parts.world);
    this.#relaying = new Woken(
      () => this.#relay(),
      (error) => {
        parts.log.error('a stream could not be read', error, { trigger: this.name });
        this.#position = this.#keptPosition;
        this.#gathered = [];
      },
    );
  }

  /** Takes its place in the stream. All triggers of a stream are opened before any of them starts. */
  static async open(parts: StreamTriggerParts, options: StreamTriggerOptions): Promise<StreamTrigger> {
    const position = await parts.changes.join(parts.pool.name, options.startingPosition);
    return new StreamTrigger(parts, options, position);
  }

  get isBusy(): boolean {
    return this.#relaying.isRunning && this.#wakeFromBackoff === undefined;
  }

  /** Whom it feeds. */
  get functionName(): string {
    return this.#parts.pool.name;
  }

  /** How long the oldest change that is not done has waited, in milliseconds, of the time since the start; 0 where all are done. */
  get oldestAgeMs(): number {
    const { changes, world } = this.#parts;
    const writtenMs = changes.nextAtMs(this.#keptPosition);
    if (writtenMs === undefined) return 0;
    return Math.max(0, world.now() - Math.max(writtenMs, this.#startedAtMs));
  }

  start(): void {
    this.#startedAtMs = this.#parts.world.now();
    this.#cancelListening = this.#parts.changes.onChange(() => this.#relaying.wake());
    this.#relaying.wake();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelListening?.();
    this.#cancelWindow?.();
    this.#wakeFromBackoff?.();
    await this.#relaying.ended();
  }

  /** Reads on to the end of the stream. What is gathered and not due stays undone, so that a restart finds it again. */
  async #relay(): Promise<void> {
    const { changes } = this.#parts;
    const { batchSize, isWanted, streamArn } = this.#options;
    for (let isAtEnd = false; !isAtEnd && !this.#stopped; ) {
      const read = changes.read(this.#position, READ_AHEAD);
      isAtEnd = read.length === 0;
      for (const change of read) {
        this.#position = change.sequence;
        if (isWanted(change)) this.#gathered.push(streamRecord(change, streamArn));
        if (this.#gathered.length >= batchSize && !(await this.#flush())) return;
      }
      const isDue = this.#gathered.length === 0 ? !isAtEnd : this.#hasWaited();
      if (isDue && !(await this.#flush())) return;
    }
  }

  /** Delivers what is gathered and keeps the place; `false` when the host stops first. */
  async #flush(): Promise<boolean> {
    const batch = this.#gathered;
    this.#gathered = [];
    this.#isWindowOver = false;
    this.#cancelWindow?.();
    this.#cancelWindow = undefined;
    if (batch.length > 0 && !(await this.#deliver(batch))) return false;
    await this.#keepPlace(this.#position);
    return true;
  }

  /** Whether a batch that is not full has waited long enough; begins the wait when it has not begun. */
  #hasWaited(): boolean {
    if (this.#isWindowOver) return true;
    if (this.#cancelWindow !== undefined) return false;
    const { world } = this.#parts;
    const windowMs = this.#options.batchingWindowSeconds * 1000;
    const [first] = this.#gathered;
    const ageMs = world.now() - (first?.dynamodb.ApproximateCreationDateTime ?? 0) * 1000;
    // It may have waited while the host was down; a clock that was set back makes nobody wait longer than once.
    const leftMs = windowMs - Math.max(0, ageMs);
    if (leftMs <= 0) return true;
    this.#cancelWindow = world.after(leftMs, () => {
      this.#isWindowOver = true;
      this.#relaying.wake();
    });
    return false;
  }

  /** Delivers until done or given up; `false` when the host stops first. */
  async #deliver(batch: readonly StreamRecord[]): Promise<boolean> {
    const { onFailure, pool, world } = this.#parts;
    let left = batch;
    for (let attempt = 0; !this.#stopped; attempt++) {
      const failed = await this.#failedOf(left);
      if (failed.length === 0) return true;
      if (failed.length < left.length) {
        // What came before the failure is done, also when the host stops now; the rest has all its attempts before it.
        await this.#keepPlace(sequenceOf(left[left.length - failed.length - 1]));
        left = failed;
        attempt = 0;
      }
      const condition = this.#givenUpBy(attempt, left);
      if (condition !== undefined) {
        const how = { condition, invokeCount: attempt + 1 };
        await onFailure(accountOf(left, pool.name, this.#options.streamArn, how, world.now()));
        return true;
      }
      await this.#pause(backoffMs(attempt, DELIVERY_BACKOFF, world));
    }
    return false;
  }

  /** The records that must come again: from the first that failed to the end; all when the function throws. */
  async #failedOf(batch: readonly StreamRecord[]): Promise<readonly StreamRecord[]> {
    try {
      const answer = await this.#parts.pool.invoke({ Records: batch });
      return this.#options.reportsItemFailures ? failedOf(answer, batch) : [];
    } catch (error) {
      this.#parts.log.error('a stream batch failed', error, { trigger: this.name, records: batch.length });
      return batch;
    }
  }

  async #keepPlace(position: number): Promise<void> {
    this.#keptPosition = position;
    await this.#parts.changes.checkpoint(this.#parts.pool.name, position);
  }

  #givenUpBy(attempt: number, batch: readonly StreamRecord[]): StreamCondition | undefined {
    const { maximumRetryAttempts, maximumRecordAgeSeconds } = this.#options;
    if (maximumRetryAttempts >= 0 && attempt >= maximumRetryAttempts) return 'RetryAttemptsExhausted';
    if (maximumRecordAgeSeconds < 0) return undefined;
    const writtenMs = (batch[0]?.dynamodb.ApproximateCreationDateTime ?? 0) * 1000;
    const isTooOld = writtenMs < this.#served.retainedFromMs(maximumRecordAgeSeconds * 1000);
    return isTooOld ? 'RecordAgeExceeded' : undefined;
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#parts.world.after(delayMs, () => this.#wakeFromBackoff?.());
      this.#wakeFromBackoff = () => {
        this.#wakeFromBackoff = undefined;
        cancel();
        resolve();
      };
    });
  }
}

function sequenceOf(record: StreamRecord | undefined): number {
  return Number(record?.dynamodb.SequenceNumber);
}
