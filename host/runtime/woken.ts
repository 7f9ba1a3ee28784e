/** Work that begins when it is woken: never twice at once, and once more where it was woken while it ran. */
export class Woken {
  readonly #work: () => Promise<void>;
  readonly #onFault: (error: unknown) => void;
  #running: Promise<void> | undefined;
  #isWokenAgain = false;

  /** `onFault` hears of work that failed; the next waking begins it all the same. */
  constructor(work: () => Promise<void>, onFault: (error: unknown) => void) {
    this.#work = work;
    this.#onFault = onFault;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  wake(): void {
    if (this.#running !== undefined) {
      this.#isWokenAgain = true;
      return;
    }
    this.#running = this.#work()
      .catch(this.#onFault)
      .finally(() => {
        this.#running = undefined;
        if (!this.#isWokenAgain) return;
        this.#isWokenAgain = false;
        this.wake();
      });
  }

  /** Resolves once what runs now has ended, at once where nothing does. */
  async ended(): Promise<void> {
    await this.#running;
  }
}
