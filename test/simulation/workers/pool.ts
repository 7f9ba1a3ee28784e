import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import type { Product, Report, Task } from './messages.ts';

const WORKER = path.join(import.meta.dirname, 'worker.ts');

/** Processes that live histories through side by side. */
export class Pool {
  readonly #workers: Worker[];
  readonly #endAll = (): void => {
    for (const worker of this.#workers) worker.close();
  };

  /** `jobs` processes, which all run that product. */
  constructor(jobs: number, product: Product = {}) {
    this.#workers = Array.from({ length: jobs }, () => new Worker(product));
    // Before what they load is taken away.
    process.prependOnceListener('exit', this.#endAll);
  }

  /**
   * Lives through what `next` gives, until it gives nothing more, and hands each report to `onReport`; no further one is begun once
   * that answers `true`. Rejects when a worker ends by itself.
   */
  async run(next: () => Task | undefined, onReport: (report: Report) => boolean): Promise<void> {
    let isEnough = false;
    const work = async (worker: Worker): Promise<void> => {
      for (let task = next(); task !== undefined && !isEnough; task = next()) {
        isEnough = onReport(await worker.live(task)) || isEnough;
      }
    };
    await Promise.all(this.#workers.map(work));
  }

  /** Lives one history through. */
  one(task: Task): Promise<Report> {
    const [worker] = this.#workers;
    if (worker === undefined) throw new RangeError('a pool has at least one process');
    return worker.live(task);
  }

  /** Ends the processes. */
  close(): void {
    process.removeListener('exit', this.#endAll);
    this.#endAll();
  }
}

/** One process and the history that it is at. */
class Worker {
  readonly #process: ChildProcess;
  readonly #ready = Promise.withResolvers<void>();
  #waiting: PromiseWithResolvers<Report> | undefined;

  constructor(product: Product) {
    this.#process = fork(WORKER, [JSON.stringify(product)], {
      // Nearly everything dies young: a larger nursery from the start, and no threads that take the other workers' time.
      execArgv: [
        '--disable-warning=ExperimentalWarning',
        '--min-semi-space-size=64',
        '--max-semi-space-size=64',
        '--single-threaded-gc',
      ],
    });
    this.#ready.promise.catch(() => undefined);
    this.#process.on('message', (message: 'ready' | Report) => {
      if (message === 'ready') this.#ready.resolve();
      else this.#waiting?.resolve(message);
    });
    this.#process.on('exit', (code, signal) => {
      const error = new Error(`a worker of the simulation ended with ${signal ?? code}`);
      this.#ready.reject(error);
      this.#waiting?.reject(error);
    });
  }

  async live(task: Task): Promise<Report> {
    await this.#ready.promise;
    this.#waiting = Promise.withResolvers();
    this.#process.send(task);
    return this.#waiting.promise;
  }

  close(): void {
    this.#process.kill();
  }
}
