import type { Home } from '#shared/capabilities/home.ts';
import { ThrottledError } from '#shared/errors/errors.ts';
import type { Instance } from '#shared/lambda/lambda-function.ts';
import type { Cancel, World } from '#shared/world/world.ts';
import type { Invocable } from './invocable.ts';
import { type FunctionFacts, InvocationContext } from './invocation-context.ts';
import { FunctionTimeoutError, Lease } from './lease.ts';
import type { RequestIds } from './request-ids.ts';

/** Callers that may wait for a free instance; one more is throttled, as Lambda throttles (429). */
const MOST_WAITING = 20_000;

/** What a handler module exports: see `LambdaFunction.on`. */
export interface Bindable {
  on(home: Home): Promise<Instance<unknown, unknown>>;
}

/** Which function it is, and within what bounds it runs. */
export interface PoolOptions {
  readonly facts: FunctionFacts;
  readonly timeoutSeconds: number;
  /** Invocations at the same time, at most. */
  readonly concurrency: number;
  /** Gives the handler; called once, before the first invocation. */
  readonly load: () => Promise<Bindable>;
  /** The home of one instance, whose capabilities act only while the lease is live. */
  readonly homeFor: (lease: Lease) => Home;
  readonly world: Pick<World, 'monotonicMs' | 'after'>;
  readonly requestIds: RequestIds;
  /** What has to come to its end before an invocation may begin, where there is anything; one fails with it. */
  readonly before?: () => Promise<void> | undefined;
}

interface Pooled {
  readonly serve: Instance<unknown, unknown>;
  readonly lease: Lease;
  deadlineMs: number;
  answer: PromiseWithResolvers<unknown> | undefined;
}

/** What a function has done since the host started. */
export interface FunctionTally {
  /** That have ended, one way or another. */
  invocations: number;
  /** Of those, that threw or ran out of time. */
  failures: number;
  /** From begin to end, waiting included, of all together. */
  durationMs: number;
}

interface Waiter {
  readonly event: unknown;
  readonly answer: PromiseWithResolvers<unknown>;
}

/**
 * The instances of one function, each of which serves one invocation at a time, as on Lambda. An invocation that runs past
 * the function's timeout is rejected with `FunctionTimeoutError`; its instance is dropped and its lease revoked.
 */
export class FunctionPool implements Invocable {
  readonly tally: FunctionTally = { invocations: 0, failures: 0, durationMs: 0 };
  readonly #options: PoolOptions;
  readonly #timeoutMs: number;
  readonly #idle: Pooled[] = [];
  /** In order of deadline, because all have the same timeout. */
  readonly #running = new Set<Pooled>();
  readonly #waiting: Waiter[] = [];
  #instances = 0;
  #starting = 0;
  #loaded: Promise<Bindable> | undefined;
  #cancelDeadline: Cancel | undefined;
  #end: PromiseWithResolvers<void> | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#timeoutMs = options.timeoutSeconds * 1000;
  }

  get name(): string {
    return this.#options.facts.name;
  }

  get concurrency(): number {
    return this.#options.concurrency;
  }

  /** Invocations that have begun or wait to begin. */
  get busy(): number {
    return this.#running.size + this.#starting + this.#waiting.length;
  }

  /** Loads the handler ahead of the first invocation; throws what its module throws. */
  async warm(): Promise<void> {
    await this.#load();
  }

  /**
   * Runs the function with that event and answers what it returns; throws what it throws, `FunctionTimeoutError`, or
   * `ThrottledError` when too many callers wait already. What has to come before it comes before it.
   */
  invoke(event: unknown): Promise<unknown> {
    const before = this.#options.before?.();
    return before === undefined ? this.invokeAtOnce(event) : before.then(() => this.invokeAtOnce(event));
  }

  /** The same, and waits for nothing that has to come before. */
  invokeAtOnce(event: unknown): Promise<unknown> {
    const instance = this.#idle.pop();
    const answer = Promise.withResolvers<unknown>();
    if (instance !== undefined) this.#run(instance, event, answer);
    else if (this.#instances < this.#options.concurrency) void this.#startAndRun(event, answer);
    else if (this.#waiting.length < MOST_WAITING) this.#waiting.push({ event, answer });
    else answer.reject(new ThrottledError(`${this.name} has ${MOST_WAITING} callers waiting`));
    return answer.promise;
  }

  /** Resolves once nothing runs or waits to run, at the latest after the function's timeout where nothing more is invoked. */
  ended(): Promise<void> {
    if (this.busy === 0) return Promise.resolve();
    this.#end ??= Promise.withResolvers();
    return this.#end.promise;
  }

  /** Takes back every lease and forgets the deadlines; for the end of the host, after its triggers have stopped. */
  close(): void {
    this.#cancelDeadline?.();
    for (const instance of this.#running) instance.lease.revoke();
    for (const instance of this.#idle.splice(0)) instance.lease.revoke();
  }

  #load(): Promise<Bindable> {
    this.#loaded ??= this.#options.load();
    return this.#loaded;
  }

  async #startAndRun(event: unknown, answer: PromiseWithResolvers<unknown>): Promise<void> {
    this.#instances += 1;
    this.#starting += 1;
    try {
      const handler = await this.#load();
      const lease = new Lease(this.name);
      const serve = await handler.on(this.#options.homeFor(lease));
      this.#starting -= 1;
      this.#run({ serve, lease, deadlineMs: 0, answer: undefined }, event, answer);
    } catch (error) {
      this.#starting -= 1;
      this.#instances -= 1;
      this.tally.invocations += 1;
      this.tally.failures += 1;
      answer.reject(error);
      this.#serveNextWaiter();
    }
  }

  #run(instance: Pooled, event: unknown, answer: PromiseWithResolvers<unknown>): void {
    const { facts, world, requestIds } = this.#options;
    instance.deadlineMs = world.monotonicMs() + this.#timeoutMs;
    instance.answer = answer;
    this.#running.add(instance);
    this.#cancelDeadline ??= world.after(this.#timeoutMs, () => this.#expire());
    const context = new InvocationContext(facts, requestIds.next(), instance.deadlineMs, world);
    instance.serve(event, context).then(
      (result) => this.#release(instance)?.resolve(result),
      (error) => {
        const told = this.#release(instance);
        if (told === undefined) return;
        this.tally.failures += 1;
        told.reject(error);
      },
    );
  }

  /** Makes the instance free for the next caller; answers whom to tell, nobody if it had been dropped. */
  #release(instance: Pooled): PromiseWithResolvers<unknown> | undefined {
    if (!this.#running.delete(instance)) return undefined;
    const { answer } = instance;
    instance.answer = undefined;
    this.#count(instance);
    const next = this.#waiting.shift();
    if (next !== undefined) {
      this.#run(instance, next.event, next.answer);
      return answer;
    }
    this.#idle.push(instance);
    this.#tellEnd();
    return answer;
  }

  #count({ deadlineMs }: Pooled): void {
    this.tally.invocations += 1;
    this.tally.durationMs += this.#options.world.monotonicMs() - (deadlineMs - this.#timeoutMs);
  }

  #expire(): void {
    this.#cancelDeadline = undefined;
    const { world, timeoutSeconds } = this.#options;
    const nowMs = world.monotonicMs();
    for (const instance of this.#running) {
      if (instance.deadlineMs > nowMs) {
        this.#cancelDeadline = world.after(instance.deadlineMs - nowMs, () => this.#expire());
        return;
      }
      this.#running.delete(instance);
      instance.lease.revoke();
      this.#instances -= 1;
      this.#count(instance);
      this.tally.failures += 1;
      instance.answer?.reject(new FunctionTimeoutError(this.name, timeoutSeconds));
      this.#serveNextWaiter();
    }
  }

  #serveNextWaiter(): void {
    const next = this.#waiting.shift();
    if (next !== undefined) void this.#startAndRun(next.event, next.answer);
    else this.#tellEnd();
  }

  #tellEnd(): void {
    if (this.busy > 0) return;
    this.#end?.resolve();
    this.#end = undefined;
  }
}
