import { closeSync, fdatasync, fdatasyncSync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Flushes sqlite's write-ahead log as `synchronous = FULL` does after each commit (sqlite.org/pragma.html#pragma_synchronous), but
 * where the caller wants it: in the thread pool, while the event loop goes on.
 */
export class LogFlush {
  readonly #log: number;
  #isUsed = false;
  #isClosed = false;

  /** For the database at `path`, whose log must be there already. Makes the names of both files durable. Throws what the disk throws. */
  constructor(path: string) {
    this.#log = openSync(`${path}-wal`, 'r+');
    const directory = openSync(dirname(path), 'r');
    fsyncSync(directory);
    closeSync(directory);
  }

  /** Calls `done` once everything that was in the log at this moment is on disk, or with why it may not be. One at a time. */
  beside(done: (error: Error | null) => void): void {
    this.#isUsed = true;
    fdatasync(this.#log, (error) => {
      this.#isUsed = false;
      if (this.#isClosed) closeSync(this.#log);
      done(error);
    });
  }

  /** The same at once. Throws what the disk throws. */
  now(): void {
    fdatasyncSync(this.#log);
  }

  /** Gives the file back, once a flush that is on its way has come to its end. */
  close(): void {
    this.#isClosed = true;
    if (!this.#isUsed) closeSync(this.#log);
  }
}
