import type { LambdaProcess } from './lambda-process.ts';

/**
 * Bounds the processes of all functions together: beyond `most`, the one that has been idle for longest is ended, as Lambda ends
 * environments that nobody uses. Its function starts cold the next time.
 */
export class ProcessBudget {
  readonly #most: number;
  /** Least recently used first. */
  readonly #processes = new Map<LambdaProcess, () => boolean>();

  constructor(most: number) {
    this.#most = most;
  }

  /** `release` gives the process up and answers `true`, unless it is at work. */
  started(process: LambdaProcess, release: () => boolean): void {
    this.#processes.set(process, release);
    if (this.#processes.size <= this.#most) return;
    for (const [oldest, letGo] of this.#processes) {
      if (oldest === process || !letGo()) continue;
      this.#processes.delete(oldest);
      void oldest.kill();
      return;
    }
  }

  used(process: LambdaProcess): void {
    const release = this.#processes.get(process);
    if (release === undefined) return;
    this.#processes.delete(process);
    this.#processes.set(process, release);
  }

  ended(process: LambdaProcess): void {
    this.#processes.delete(process);
  }
}
