/** Counts what runs, and tells when the last has ended. */
export class Running {
  readonly #onFault: (error: unknown) => void;
  #count = 0;
  #idle: PromiseWithResolvers<void> | undefined;

  /** `onFault` hears of work that failed. */
  constructor(onFault: (error: unknown) => void) {
    this.#onFault = onFault;
  }

  get count(): number {
    return this.#count;
  }

  /** Counts `work` as running until it has ended; never rejects. */
  async track(work: Promise<unknown>): Promise<void> {
    this.#count += 1;
    await work.catch(this.#onFault);
    this.#count -= 1;
    if (this.#count === 0) {
      this.#idle?.resolve();
      this.#idle = undefined;
    }
  }

  /** Resolves once nothing runs. */
  idle(): Promise<void> {
    if (this.#count === 0) return Promise.resolve();
    this.#idle ??= Promise.withResolvers();
    return this.#idle.promise;
  }
}
