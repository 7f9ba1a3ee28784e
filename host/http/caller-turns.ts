/** So many requests of one caller are in service at once: scripts that send some at the same time lose nothing by it. */
const MOST_IN_SERVICE = 16;

interface Line {
  inService: number;
  readonly waiting: (() => void)[];
}

/**
 * Serves few requests of each caller at once, however many connections they come on; the others wait, the longest first. All requests share
 * one event loop with the devices: hundreds of one token, the weakest too, would keep everybody else waiting for seconds.
 */
export class CallerTurns {
  readonly #lines = new Map<string, Line>();

  /** Runs `serve` once that caller has a place, telling it whether that was waited for, and answers what it does; throws what it throws. */
  async next<T>(caller: string, serve: (hasWaited: boolean) => Promise<T>): Promise<T> {
    const line = this.#lines.get(caller) ?? { inService: 0, waiting: [] };
    this.#lines.set(caller, line);
    const hasToWait = line.inService >= MOST_IN_SERVICE;
    if (!hasToWait) line.inService += 1;
    else await new Promise<void>((resolve) => line.waiting.push(resolve));
    try {
      return await serve(hasToWait);
    } finally {
      this.#leave(caller, line);
    }
  }

  /** The place is taken by who has waited longest, in the next turn of the loop: most answers take no turn, and all would be made in this one. */
  #leave(caller: string, line: Line): void {
    const next = line.waiting.shift();
    if (next === undefined) line.inService -= 1;
    else setImmediate(next);
    if (line.inService === 0) this.#lines.delete(caller);
  }
}
