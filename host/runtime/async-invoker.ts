import { ThrottledError } from '#shared/errors/errors.ts';
import type { World } from '#shared/world/world.ts';
import type { OnGivenUp } from './given-up.ts';
import type { HostLog } from './host-log.ts';
import type { Invocable } from './invocable.ts';
import { FunctionTimeoutError } from './lease.ts';
import { LossReport } from './loss-report.ts';
import type { TakenCounts } from './lost-messages.ts';
import { Running } from './running.ts';
import { SenderShares } from './sender-shares.ts';

/** How a function takes asynchronous invocations: `maximumEventAge`, `maximumRetryAttempts`, concurrency. */
export interface AsyncOptions {
  /** An event that has waited longer is dropped; Lambda: 60 to 21,600 seconds. */
  readonly maximumEventAgeSeconds: number;
  /** 0 to 2, as on Lambda. */
  readonly maximumRetryAttempts: number;
  readonly concurrency: number;
}

/** What is invoked, and where an event goes that was given up. */
export interface AsyncParts {
  readonly pool: Invocable;
  readonly world: Pick<World, 'after' | 'monotonicMs'>;
  readonly log: HostLog;
  /** Keeps an event that was given up; where there is none, the log is all that is left of it. */
  readonly onGivenUp?: OnGivenUp | undefined;
}

interface Waiting {
  readonly event: unknown;
  readonly sizeBytes: number;
  readonly sender: string | undefined;
  readonly acceptedAtMs: number;
  attempt: number;
}

/** Events that wait in memory, at most: a flood of devices must not fill the machine's memory. */
const MOST_WAITING = 10_000;
const MOST_WAITING_BYTES = 64 * 1024 * 1024;
/** Lambda retries an event that failed after one minute, then after two. */
const RETRY_AFTER_MS = 60_000;
/** Of an event that is lost by a fault, the log has so much. */
const MOST_LOGGED_CHARACTERS = 500;

/**
 * Asynchronous invocations of one function, kept in memory: for what is sent again (a device asks again, a schedule comes
 * round). What must not be lost goes through a queue instead.
 */
export class AsyncInvoker {
  readonly #parts: AsyncParts;
  readonly #options: AsyncOptions;
  readonly #running: Running;
  #waiting: Waiting[] = [];
  #next = 0;
  #waitingBytes = 0;
  readonly #senders: SenderShares;
  readonly #losses: LossReport;
  #dropped = 0;
  #beyondShare = 0;
  #stopped = false;

  constructor(parts: AsyncParts, options: AsyncOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#senders = new SenderShares(parts.world);
    this.#losses = new LossReport(parts.pool.name, parts.world, parts.log);
    this.#running = new Running((error) =>
      parts.log.error('an event could not be put away', error, { function: parts.pool.name }),
    );
  }

  /** The function that is invoked. */
  get name(): string {
    return this.#parts.pool.name;
  }

  /** Events that wait for an invocation to end. */
  get waiting(): number {
    return this.#waiting.length - this.#next;
  }

  /** Invocations that run now. */
  get running(): number {
    return this.#running.count;
  }

  /** Events that were never run: too old, or too many. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Events that were never run because their sender had more open than its share. */
  get beyondShare(): number {
    return this.#beyondShare;
  }

  /**
   * How many were to be run so far, and how many of them never came to their end because there was too much to do. A sender counts once in
   * ten seconds, and once with all that it has open: nobody's flood is counted as a loss of all, or hides one.
   */
  get counts(): TakenCounts {
    return { taken: this.#senders.taken, lost: this.#senders.lost };
  }

  /**
   * Takes an event of about `sizeBytes`; answers whether there was room for it. `sender`: the device that it comes from, which has a share
   * of that room.
   */
  accept(event: unknown, sizeBytes: number, sender?: string): boolean {
    if (sender !== undefined && this.#senders.isFull(sender)) {
      this.#beyondShare += 1;
      this.#losses.add('beyondShare', sender);
      return false;
    }
    const one = { event, sizeBytes, sender, acceptedAtMs: this.#parts.world.monotonicMs(), attempt: 0 };
    this.#senders.begin(sender, one);
    const isFull = this.waiting >= MOST_WAITING || this.#waitingBytes >= MOST_WAITING_BYTES;
    if (isFull || this.#stopped) {
      this.#drop(one);
      return false;
    }
    this.#take(one);
    return true;
  }

  /** Takes nothing more, forgets what waits and resolves once what runs has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#waiting = [];
    this.#next = 0;
    await this.#running.idle();
    this.#losses.tell();
  }

  #take(one: Waiting): void {
    if (this.#running.count < this.#options.concurrency) {
      void this.#running.track(this.#run(one)).then(() => this.#runNext());
      return;
    }
    this.#waiting.push(one);
    this.#waitingBytes += one.sizeBytes;
  }

  #drop(one: Waiting): void {
    this.#dropped += 1;
    this.#senders.end(one.sender, one, true);
    if (!this.#stopped) this.#losses.add('dropped');
  }

  #runNext(): void {
    const { world } = this.#parts;
    while (this.#running.count < this.#options.concurrency) {
      const next = this.#waiting[this.#next];
      if (next === undefined) return;
      this.#next += 1;
      this.#waitingBytes -= next.sizeBytes;
      if (this.#next > 1_000) {
        this.#waiting = this.#waiting.slice(this.#next);
        this.#next = 0;
      }
      const ageMs = world.monotonicMs() - next.acceptedAtMs;
      if (ageMs <= this.#options.maximumEventAgeSeconds * 1000) this.#take(next);
      else this.#outlive(next);
    }
  }

  /** As on Lambda, the failure destination hears of what has waited for too long. */
  #outlive(one: Waiting): void {
    this.#drop(one);
    const failure = { error: undefined, attempts: one.attempt, condition: 'EventAgeExceeded' } as const;
    const kept = this.#parts.onGivenUp?.(one.event, failure);
    if (kept !== undefined) void this.#running.track(kept).then(() => this.#runNext());
  }

  async #run(one: Waiting): Promise<void> {
    const { pool, world } = this.#parts;
    try {
      await pool.invoke(one.event);
    } catch (error) {
      one.attempt += 1;
      if (one.attempt > this.#options.maximumRetryAttempts) return this.#giveUp(one, error);
      this.#tellFault(one, error);
      world.after(RETRY_AFTER_MS * one.attempt, () => {
        if (!this.#stopped) this.#take(one);
      });
      return;
    }
    this.#senders.end(one.sender, one, false);
  }

  async #giveUp(one: Waiting, error: unknown): Promise<void> {
    const isOverload = error instanceof FunctionTimeoutError || error instanceof ThrottledError;
    this.#senders.end(one.sender, one, isOverload);
    if (isOverload) this.#losses.add('timedOut');
    else this.#tellFault(one, error);
    await this.#parts.onGivenUp?.(one.event, {
      error,
      attempts: one.attempt,
      condition: 'RetriesExhausted',
    });
  }

  #tellFault({ event, attempt }: Waiting, error: unknown): void {
    const { pool, log, onGivenUp } = this.#parts;
    const isLost = onGivenUp === undefined && attempt > this.#options.maximumRetryAttempts;
    log.error('an asynchronous invocation failed', error, {
      function: pool.name,
      attempt,
      ...(isLost && { lost: JSON.stringify(event).slice(0, MOST_LOGGED_CHARACTERS) }),
    });
  }
}
