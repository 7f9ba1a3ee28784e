import { ThrottledError } from '#shared/errors/errors.ts';
import type { Cancel, World } from '#shared/world/world.ts';
import type { HostLog } from './host-log.ts';
import type { Invocable } from './invocable.ts';
import { FunctionTimeoutError } from './lease.ts';
import type { TakenCounts } from './lost-messages.ts';
import { Running } from './running.ts';

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
  /** Keeps an event that was given up; resolves once it is kept. */
  readonly onGivenUp: (event: unknown, error: unknown, attempts: number) => Promise<void>;
}

interface Waiting {
  readonly event: unknown;
  readonly sizeBytes: number;
  readonly acceptedAtMs: number;
  readonly attempt: number;
}

/** Events that wait in memory, at most: a flood of devices must not fill the machine's memory. */
const MOST_WAITING = 10_000;
const MOST_WAITING_BYTES = 64 * 1024 * 1024;
/** Lambda retries an event that failed after one minute, then after two. */
const RETRY_AFTER_MS = 60_000;
/** Events are dropped by thousands or not at all: one line tells of all in such a time. */
const TELL_DROPPED_AFTER_MS = 10_000;

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
  #accepted = 0;
  #dropped = 0;
  #timedOut = 0;
  #toldDropped = 0;
  #cancelTelling: Cancel | undefined;
  #stopped = false;

  constructor(parts: AsyncParts, options: AsyncOptions) {
    this.#parts = parts;
    this.#options = options;
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

  /** How many were to be run so far, and how many of them never came to their end because there was too much to do. */
  get counts(): TakenCounts {
    return { taken: this.#accepted, lost: this.#dropped + this.#timedOut };
  }

  /** Takes an event of about `sizeBytes`; answers whether there was room for it. */
  accept(event: unknown, sizeBytes: number): boolean {
    this.#accepted += 1;
    const isFull = this.waiting >= MOST_WAITING || this.#waitingBytes >= MOST_WAITING_BYTES;
    if (isFull || this.#stopped) {
      this.#drop();
      return false;
    }
    this.#take({ event, sizeBytes, acceptedAtMs: this.#parts.world.monotonicMs(), attempt: 0 });
    return true;
  }

  /** Takes nothing more, forgets what waits and resolves once what runs has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTelling?.();
    this.#waiting = [];
    this.#next = 0;
    await this.#running.idle();
  }

  #take(one: Waiting): void {
    if (this.#running.count < this.#options.concurrency) {
      void this.#running.track(this.#run(one)).then(() => this.#runNext());
      return;
    }
    this.#waiting.push(one);
    this.#waitingBytes += one.sizeBytes;
  }

  #drop(): void {
    this.#dropped += 1;
    if (this.#stopped) return;
    this.#cancelTelling ??= this.#parts.world.after(TELL_DROPPED_AFTER_MS, () => this.#tellDropped());
  }

  #tellDropped(): void {
    this.#cancelTelling = undefined;
    this.#parts.log.warn('more is asked than can be answered: events were dropped', {
      function: this.name,
      dropped: this.#dropped - this.#toldDropped,
    });
    this.#toldDropped = this.#dropped;
  }

  #runNext(): void {
    const { monotonicMs } = this.#parts.world;
    while (this.#running.count < this.#options.concurrency) {
      const next = this.#waiting[this.#next];
      if (next === undefined) return;
      this.#next += 1;
      this.#waitingBytes -= next.sizeBytes;
      if (this.#next > 1_000) this.#waiting = this.#waiting.slice(this.#next);
      if (this.#next > 1_000) this.#next = 0;
      const ageMs = monotonicMs.call(this.#parts.world) - next.acceptedAtMs;
      if (ageMs > this.#options.maximumEventAgeSeconds * 1000) this.#drop();
      else this.#take(next);
    }
  }

  async #run(one: Waiting): Promise<void> {
    const { pool, world, log, onGivenUp } = this.#parts;
    try {
      await pool.invoke(one.event);
    } catch (error) {
      log.error('an asynchronous invocation failed', error, { function: pool.name, attempt: one.attempt });
      const attempts = one.attempt + 1;
      if (attempts > this.#options.maximumRetryAttempts) {
        if (error instanceof FunctionTimeoutError || error instanceof ThrottledError) this.#timedOut += 1;
        return onGivenUp(one.event, error, attempts);
      }
      world.after(RETRY_AFTER_MS * attempts, () => {
        if (!this.#stopped) this.#take({ ...one, attempt: attempts });
      });
    }
  }
}
