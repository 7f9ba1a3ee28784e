import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { FunctionTimeoutError } from '#host/runtime/lease.ts';
import { EvenkeelError } from '#shared/errors/errors.ts';
import type { Invocation, Outcome, Start } from './messages.ts';

/** Lambda gives a function ten seconds to get ready; a machine that is busy with other things gives it more. */
const INIT_MS = 60_000;

/** The function threw: `name` is the class of what it threw. */
class FunctionError extends EvenkeelError {
  override readonly name: string;
  constructor(errorType: string, message: string, trace: string) {
    super('function-error', message);
    this.name = errorType;
    this.stack = trace;
  }
}

/** What one instance is started with. */
export interface LambdaProcessParts {
  /** The runtime, as a program. */
  readonly runtimeFile: string;
  readonly start: Start;
  /** All variables that the process has. */
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMegabytes: number;
  /** Hears every line that the function writes. */
  readonly onLine: (line: string) => void;
}

/** One execution environment of a function: a process that takes one invocation at a time, until it is ended. */
export class LambdaProcess {
  readonly #child: ChildProcess;
  readonly #ready: Promise<unknown>;
  #isEnded = false;

  constructor({ runtimeFile, start, environment, memoryMegabytes, onLine }: LambdaProcessParts) {
    const flags = [`--max-old-space-size=${memoryMegabytes}`];
    this.#child = spawn(process.execPath, [...flags, runtimeFile, JSON.stringify(start)], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child.once('exit', () => {
      this.#isEnded = true;
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on('line', onLine);
    }
    this.#ready = this.#answer(INIT_MS, () => new Error('the runtime did not start in time'));
    // Whoever invokes hears of it.
    this.#ready.catch(() => undefined);
  }

  /** Whether it can take invocations. */
  get isAlive(): boolean {
    return !this.#isEnded;
  }

  /**
   * Throws `FunctionError` for what the function threw, and `FunctionTimeoutError` once it has been killed because it was not
   * done in time.
   */
  async invoke(invocation: Omit<Invocation, 'deadlineMs'>, timeoutSeconds: number): Promise<unknown> {
    await this.#ready;
    const limitMs = timeoutSeconds * 1000;
    const late = () => new FunctionTimeoutError(invocation.functionName, timeoutSeconds);
    const answer = this.#answer(limitMs, late);
    const message: Invocation = { ...invocation, deadlineMs: Date.now() + limitMs };
    // A process that is gone says so by its end.
    this.#child.send(message, () => undefined);
    // The runtime answers each invocation with what became of it.
    const outcome = (await answer) as Outcome;
    if (outcome.outcome === 'returned') return outcome.result;
    throw new FunctionError(outcome.errorType, outcome.errorMessage, outcome.trace);
  }

  /** Ends the process, whatever it does: what it has not sent by then never happens. */
  async kill(): Promise<void> {
    this.#isEnded = true;
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  /** The next message. Kills the process when it does not come in time, because nobody waits for what it would still do. */
  #answer(limitMs: number, late: () => Error): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const child = this.#child;
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      void this.kill();
    }, limitMs);
    const onExit = (status: number | null, signal: string | null) =>
      reject(isLate ? late() : new Error(`the function's process ended with ${status ?? signal}`));
    child.once('message', resolve).once('exit', onExit).once('error', reject);
    return promise.finally(() => {
      clearTimeout(timer);
      child.off('message', resolve).off('exit', onExit).off('error', reject);
    });
  }
}
