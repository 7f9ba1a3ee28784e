import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ConfigurationError } from '#shared/errors/errors.ts';

/**
 * Keeps a directory for this process until it lets go or dies: sqlite's own lock on an empty database in it, which no crash can
 * leave behind. Throws `ConfigurationError` when another process has it.
 */
export class DirectoryLock {
  readonly #sqlite: DatabaseSync;

  constructor(directory: string) {
    const path = join(directory, 'evenkeel.lock');
    this.#sqlite = new DatabaseSync(path);
    try {
      this.#sqlite.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT');
    } catch (error) {
      this.#sqlite.close();
      throw new ConfigurationError(`${path} cannot be locked, or another process uses it`, { cause: error });
    }
  }

  /** Lets the directory go. */
  release(): void {
    this.#sqlite.close();
  }
}
