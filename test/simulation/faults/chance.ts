import type { Story } from '../run/story.ts';
import type { RandomStream } from '../world/random-stream.ts';
import type { WorldView } from '../world/simulated-world.ts';

/** Whether faults may happen now: off while the world is being set up, and for good when it is left to recover. */
export interface Weather {
  isUnkind: boolean;
}

/** The chance of one fault in one history: decides when it happens, and counts that. */
export class Chance {
  readonly world: WorldView;
  readonly stream: RandomStream;
  readonly rate: number;
  count = 0;
  readonly #name: string;
  readonly #weather: Weather;
  readonly #story: Story;

  constructor(
    name: string,
    rate: number,
    parts: {
      readonly world: WorldView;
      readonly stream: RandomStream;
      readonly weather: Weather;
      readonly story: Story;
    },
  ) {
    this.#name = name;
    this.rate = rate;
    this.world = parts.world;
    this.stream = parts.stream;
    this.#weather = parts.weather;
    this.#story = parts.story;
  }

  /** Draws; `true` means that the fault has to happen now, and it is written down. */
  happens(where = ''): boolean {
    if (!this.#weather.isUnkind || !this.stream.happens(this.rate)) return false;
    this.fired(where);
    return true;
  }

  /** Whether faults may happen at all at this moment. */
  get isArmed(): boolean {
    return this.#weather.isUnkind;
  }

  /** Writes down that the fault has happened. */
  fired(where: string): void {
    this.count += 1;
    this.#story.tell('fault', `${this.#name} ${where}`.trimEnd());
  }

  /** Resolves after `delayMs`. */
  pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.world.after(delayMs, resolve);
    });
  }

  /** A wait between 0 and `mostMs`. */
  upTo(mostMs: number): number {
    return this.stream.next() * mostMs;
  }
}

/** What a call that never comes back returns: its function runs into its timeout. */
export const never = <T>(): Promise<T> => new Promise<T>(() => undefined);
