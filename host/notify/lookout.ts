import type { World } from '#shared/world/world.ts';
import { Rounds } from '../rounds.ts';

const LOOK_EVERY_MS = 60_000;
/** The same thing is told at most so often, however it comes and goes. */
const QUIET_MS = 3_600_000;

/** Something that nothing but looking tells of. */
export interface Sight {
  /** What it is called, such as a counter or a queue. */
  readonly name: string;
  /** How many looks must find it one after the other: a look is a minute, as the alarms on AWS have it. */
  readonly minutes: number;
  /** What is wrong since the last look, in words, and what to do; `undefined` while all is well. */
  look(): Promise<string | undefined>;
}

interface Watched {
  readonly sight: Sight;
  /**
   * Looks that found it, with at most one in between that did not: what comes each minute may come twice between two looks, and not at all
   * between the next two.
   */
  found: number;
  missed: number;
  /** What is to be told as soon as it may. */
  words?: string | undefined;
  toldMs?: number;
}

/** What is looked at, and who is told of it. */
export interface LookoutParts {
  readonly sights: readonly Sight[];
  readonly world: Pick<World, 'after' | 'monotonicMs'>;
  /** Tells durably of what was seen. */
  readonly tell: (sight: Sight, words: string) => Promise<void>;
  readonly onFault: (error: unknown) => void;
}

/** Looks at everything each minute and tells what is wrong: at once, and at most once an hour while it goes on. */
export class Lookout {
  readonly #parts: LookoutParts;
  readonly #watched: readonly Watched[];
  readonly #rounds: Rounds;

  constructor(parts: LookoutParts) {
    this.#parts = parts;
    this.#watched = parts.sights.map((sight) => ({ sight, found: 0, missed: 0 }));
    this.#rounds = new Rounds(parts.world, LOOK_EVERY_MS, () => this.#lookAtAll(), parts.onFault);
  }

  /** Looks for the first time now. */
  start(): void {
    this.#rounds.start();
  }

  /** Resolves once nothing looks any more. */
  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  async #lookAtAll(): Promise<void> {
    for (const watched of this.#watched) await this.#lookAt(watched).catch(this.#parts.onFault);
  }

  async #lookAt(watched: Watched): Promise<void> {
    const { sight } = watched;
    const words = await sight.look();
    watched.missed = words === undefined ? watched.missed + 1 : 0;
    if (words !== undefined) watched.found += 1;
    else if (watched.missed > 1) watched.found = 0;
    if (words !== undefined && watched.found >= sight.minutes) watched.words = words;
    const nowMs = this.#parts.world.monotonicMs();
    const isQuiet = watched.toldMs !== undefined && nowMs - watched.toldMs < QUIET_MS;
    if (watched.words === undefined || isQuiet) return;
    await this.#parts.tell(sight, watched.words);
    watched.toldMs = nowMs;
    watched.words = undefined;
  }
}
