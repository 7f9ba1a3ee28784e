import type { Cancel, World } from '#shared/world/world.ts';

/** Work that is done again and again, never twice at once. */
export class Rounds {
  readonly #world: Pick<World, 'after'>;
  readonly #everyMs: number;
  readonly #round: () => Promise<void>;
  readonly #onFault: (error: unknown) => void;
  #cancel: Cancel | undefined;
  #running: Promise<void> = Promise.resolve();
  #stopped = false;

  /** A round that throws is told to `onFault`; the next one comes all the same. */
  constructor(
    world: Pick<World, 'after'>,
    everyMs: number,
    round: () => Promise<void>,
    onFault: (error: unknown) => void,
  ) {
    this.#world = world;
    this.#everyMs = everyMs;
    this.#round = round;
    this.#onFault = onFault;
  }

  /** Runs the first round now and each next one `everyMs` after the end of the last. */
  start(): void {
    this.#running = this.#round()
      .catch(this.#onFault)
      .then(() => {
        if (!this.#stopped) this.#cancel = this.#world.after(this.#everyMs, () => this.start());
      });
  }

  /** Resolves once no round is running and the next one is waiting for its time. */
  idle(): Promise<void> {
    return this.#running;
  }

  /** Resolves once no round runs and none will. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.#running;
  }
}
