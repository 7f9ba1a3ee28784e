import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Order, Outcome } from './orders.ts';

const MAIN = path.join(import.meta.dirname, 'main.ts');

/** A process of its own that holds connections: it has as many descriptors as the host. Ends with this one. */
export class ClientProcess {
  readonly #child: ChildProcess;
  readonly #failed: Promise<never>;

  constructor() {
    this.#child = fork(MAIN, {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      serialization: 'advanced',
    });
    this.#failed = once(this.#child, 'exit').then(([code]): never => {
      throw new Error(`a process with clients ended with ${code}`);
    });
    this.#failed.catch(() => undefined);
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error('the process did not start');
    return pid;
  }

  /** Throws where the process ends instead of doing what it is told. */
  async tell(order: Order): Promise<Outcome> {
    this.#child.send(order);
    const [came] = await Promise.race([once(this.#child, 'message'), this.#failed]);
    return came as Outcome;
  }

  /** Lets the process end. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }
}
