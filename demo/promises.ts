/** Something the demo promises, and whether it was kept. */
export interface KeptPromise {
  readonly promise: string;
  readonly isKept: boolean;
  /** The numbers that a reader can check. */
  readonly figures: string;
}

/** The promises of a run, in the order in which they were looked at. */
export class Promises {
  readonly #all: KeptPromise[] = [];

  /** Writes down whether a promise was kept. */
  look(promise: string, isKept: boolean, figures: string): void {
    this.#all.push({ promise, isKept, figures });
  }

  get areKept(): boolean {
    return this.#all.length > 0 && this.#all.every(({ isKept }) => isKept);
  }

  /** One line each, aligned. */
  text(): string {
    const width = Math.max(...this.#all.map(({ promise }) => promise.length));
    return this.#all
      .map(
        ({ promise, isKept, figures }) =>
          `  ${isKept ? 'kept  ' : 'BROKEN'}  ${promise.padEnd(width)}  ${figures}`,
      )
      .join('\n');
  }
}
