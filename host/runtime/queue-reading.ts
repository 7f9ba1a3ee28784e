import type { QueueSource } from '#host/store/queue-source.ts';
import type { Cancel } from '#shared/world/world.ts';
import { Woken } from './woken.ts';

/** Reads a queue from its start to its stop: at once, whenever messages arrive, and whenever there is room for more. */
export class QueueReading {
  readonly #queue: Pick<QueueSource, 'onArrival'>;
  readonly #reading: Woken;
  #cancelArrival: Cancel | undefined;
  #isStopped = false;

  /** `read` takes messages until there are none, there is no room, or it is stopped; `onFault` hears of what it throws. */
  constructor(
    queue: Pick<QueueSource, 'onArrival'>,
    read: () => Promise<void>,
    onFault: (error: unknown) => void,
  ) {
    this.#queue = queue;
    this.#reading = new Woken(read, onFault);
  }

  get isRunning(): boolean {
    return this.#reading.isRunning;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  start(): void {
    this.#cancelArrival = this.#queue.onArrival(() => this.#reading.wake());
    this.#reading.wake();
  }

  /** There may be room for more. */
  wake(): void {
    this.#reading.wake();
  }

  /** Nothing is taken any more, from now on; resolves once what is read now has been. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelArrival?.();
    await this.#reading.ended();
  }
}
