import type { Cancel } from '#shared/world/world.ts';
import type { Database } from './database.ts';

/** Who wants to know that something has arrived; told at most once a commit. */
export class Listeners {
  readonly #database: Database;
  readonly #listeners = new Set<() => void>();
  #isToBeTold = false;

  constructor(database: Database) {
    this.#database = database;
  }

  add(run: () => void): Cancel {
    this.#listeners.add(run);
    return () => {
      this.#listeners.delete(run);
    };
  }

  /** Tells everyone once what this turn has written is on disk. */
  tellAfterCommit(): void {
    if (this.#isToBeTold) return;
    this.#isToBeTold = true;
    this.#database.afterCommit(() => {
      this.#isToBeTold = false;
      for (const run of this.#listeners) run();
    });
  }
}
