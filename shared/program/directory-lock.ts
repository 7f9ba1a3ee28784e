import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { pause, type World } from '#shared/world/world.ts';
import { SQLITE, sqliteResult } from './sqlite-result.ts';

/** Another process has the directory. */
export class DirectoryInUseError extends ConfigurationError {
  override readonly name: string = 'DirectoryInUseError';
}

const TRY_AGAIN_MS = 20;

/**
 * Keeps a directory for this process until it lets go or dies: sqlite's own lock on an empty database in it, which no crash can
 * leave behind. Throws `DirectoryInUseError` when another process has it, `ConfigurationError` when no lock can be made there.
 */
export class DirectoryLock {
  /** The file in the directory; nothing is in it. */
  static readonly FILE = 'evenkeel.lock';
  readonly #sqlite: DatabaseSync;

  constructor(directory: string) {
    this.#sqlite = lockedAt(directory);
  }

  /** The same, tried again for `withinMs` while another process (or another part of this one) has the directory. */
  static async wait(
    directory: string,
    { world, withinMs }: { readonly world: Pick<World, 'after' | 'monotonicMs'>; readonly withinMs: number },
  ): Promise<DirectoryLock> {
    const untilMs = world.monotonicMs() + withinMs;
    for (;;) {
      try {
        return new DirectoryLock(directory);
      } catch (error) {
        if (!(error instanceof DirectoryInUseError) || world.monotonicMs() >= untilMs) throw error;
      }
      await pause(world, TRY_AGAIN_MS);
    }
  }

  /** Lets the directory go. */
  release(): void {
    this.#sqlite.close();
  }

  /** The same, at the end of a block. */
  [Symbol.dispose](): void {
    this.release();
  }
}

function lockedAt(directory: string): DatabaseSync {
  const path = join(directory, DirectoryLock.FILE);
  let sqlite: DatabaseSync | undefined;
  try {
    sqlite = new DatabaseSync(path);
    sqlite.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT');
    return sqlite;
  } catch (error) {
    sqlite?.close();
    if (sqliteResult(error) === SQLITE.busy) {
      throw new DirectoryInUseError(`another process uses ${directory}: stop it first, or name another`, {
        cause: error,
      });
    }
    throw new ConfigurationError(
      `${path} cannot be locked (${String(error)}): make sure that it is a file, and of the user who starts this; nothing is in it, so that it may ` +
        'also be removed while nobody uses the directory',
      { cause: error },
    );
  }
}
