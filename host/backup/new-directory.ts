import { lstatSync, mkdirSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import path from 'node:path';
import { syncDirectory } from '#host/files/durable-file.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { DirectoryLock } from '#shared/program/directory-lock.ts';

/** Beside the folder that it becomes, so that it can be renamed to it. */
const unfinishedOf = (target: string) =>
  path.join(path.dirname(target), `.${path.basename(target)}.unfinished`);

/**
 * A directory (mode 0700) that comes to be at `target` whole or not at all: it is filled under another name, and what a run that was
 * killed has left there is removed by the next.
 */
export class NewDirectory {
  /** Where to put everything. */
  readonly path: string;
  /** What it becomes. */
  readonly target: string;
  readonly #lock: DirectoryLock;

  private constructor(target: string, unfinished: string, lock: DirectoryLock) {
    this.target = target;
    this.path = unfinished;
    this.#lock = lock;
  }

  /**
   * Throws `ConfigurationError` where `target` cannot become a new directory, lies in the directory `outside`, or is being made by another
   * process.
   */
  static begin(named: string, { outside }: { readonly outside: string }): NewDirectory {
    const target = emptyPlace(named);
    const within = path.relative(realpathSync(outside), path.dirname(target));
    if (within !== '..' && !within.startsWith(`..${path.sep}`))
      throw new ConfigurationError(
        `--to: ${named} lies in what is to be copied; name a folder outside of ${outside}`,
      );
    const unfinished = unfinishedOf(target);
    mkdirSync(unfinished, { recursive: true, mode: 0o700 });
    const lock = new DirectoryLock(unfinished);
    // Of a run that was killed: it holds its lock no more.
    for (const left of readdirSync(unfinished)) {
      if (!left.startsWith(DirectoryLock.FILE)) rmSync(path.join(unfinished, left), { recursive: true });
    }
    return new NewDirectory(target, unfinished, lock);
  }

  /** Everything in it is on disk: gives it its name. */
  async finish(): Promise<void> {
    await syncDirectory(this.path);
    await rename(this.path, this.target);
    this.#lock.release();
    await syncDirectory(path.dirname(this.target));
  }

  /** Removes it; for who cannot finish. */
  abandon(): void {
    this.#lock.release();
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** The path without symbolic links of a directory that is empty or that could be made. */
function emptyPlace(named: string): string {
  const parent = path.dirname(named);
  const into = statSync(parent, { throwIfNoEntry: false });
  if (into === undefined)
    throw new ConfigurationError(`--to: ${parent} is not there; make it, or name another`);
  const there = statSync(named, { throwIfNoEntry: false });
  if (there === undefined && lstatSync(named, { throwIfNoEntry: false })?.isSymbolicLink())
    throw new ConfigurationError(
      `--to: ${named} is a link to what is not there; make the folder that it names, or name another`,
    );
  if (there === undefined) return path.join(realpathSync(parent), path.basename(named));
  if (!there.isDirectory()) throw new ConfigurationError(`--to: ${named} is a file; name a folder`);
  if (there.dev !== into.dev)
    throw new ConfigurationError(
      `--to: a disk is mounted at ${named}; name a folder on it, such as ${named}/backup`,
    );
  if (readdirSync(named).length > 0)
    throw new ConfigurationError(`--to: ${named} is not empty; each backup takes a folder of its own`);
  return realpathSync(named);
}
