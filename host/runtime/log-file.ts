import { closeSync, mkdirSync, openSync, renameSync, statSync, write, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileFault } from '#host/files/file-fault.ts';
import { isAbsent } from '#shared/program/error-code.ts';
import type { Cancel, World } from '#shared/world/world.ts';

/** The log is at most so many files of so many bytes: about 64 MB. */
const FILE_BYTES = 8 * 1024 * 1024;
const FILES = 8;
/** Lines that wait to be written; what does not fit is counted and left out, so that a flood cannot fill the memory. */
const MOST_WAITING_BYTES = 4 * 1024 * 1024;
const FLUSH_MS = 200;

/** Lines in `host.log` of a directory; when that is full it becomes `host.1.log`, and so on, and the oldest goes. */
export class LogFile {
  readonly #directory: string;
  readonly #world: Pick<World, 'after'>;
  #file: number;
  #sizeBytes: number;
  #waiting: string[] = [];
  #waitingBytes = 0;
  #leftOut = 0;
  #cancelFlush: Cancel | undefined;
  #isWriting = false;

  /** Makes the directory where it is not there; goes on with the file that is. Throws `ConfigurationError` where people have to mend one of them. */
  constructor(directory: string, world: Pick<World, 'after'>) {
    this.#directory = directory;
    this.#world = world;
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw fileFault(directory, error);
    }
    try {
      this.#file = this.#open();
    } catch (error) {
      throw fileFault(this.#pathOf(0), error);
    }
    this.#sizeBytes = statSync(this.#pathOf(0)).size;
  }

  /** Takes a line; it is in the file within moments. */
  readonly write = (line: string): void => {
    if (this.#waitingBytes > MOST_WAITING_BYTES) {
      this.#leftOut += 1;
      return;
    }
    this.#waiting.push(line);
    this.#waitingBytes += line.length;
    this.#cancelFlush ??= this.#world.after(FLUSH_MS, () => this.#flush());
  };

  /** Writes what waits, where the disk takes it, and closes the file. */
  close(): void {
    this.#cancelFlush?.();
    const text = this.#take();
    try {
      if (text.length > 0) writeSync(this.#file, text);
    } catch {
      // No room, a quota, a disk that fails: what keeps the log from its last lines is often what ends the host, which must end all the same.
    }
    closeSync(this.#file);
  }

  #flush(): void {
    this.#cancelFlush = undefined;
    if (this.#isWriting) return;
    const lines = this.#waiting.length + this.#leftOut;
    const text = this.#take();
    this.#isWriting = true;
    write(this.#file, text, (error) => {
      this.#isWriting = false;
      // A full disk must not end the host: the store will say so where it matters.
      if (error !== null) this.#leftOut += lines;
      this.#sizeBytes += text.length;
      if (this.#sizeBytes >= FILE_BYTES) this.#rotate();
      if (this.#waiting.length > 0) this.#cancelFlush ??= this.#world.after(FLUSH_MS, () => this.#flush());
    });
  }

  #take(): Buffer {
    const leftOut =
      this.#leftOut === 0 ? [] : [`{"level":"WARN","message":"${this.#leftOut} log lines left out"}`];
    const lines = [...this.#waiting, ...leftOut];
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#leftOut = 0;
    return Buffer.from(lines.map((line) => `${line}\n`).join(''));
  }

  #rotate(): void {
    const full = this.#file;
    this.#sizeBytes = 0;
    try {
      for (let age = FILES - 2; age >= 0; age--) renameIfPresent(this.#pathOf(age), this.#pathOf(age + 1));
      this.#file = this.#open();
    } catch {
      // Somebody has changed the directory, or no file can be opened just now: lines go on into the old file until the next time.
      this.#leftOut += 1;
      return;
    }
    closeSync(full);
  }

  #open(): number {
    return openSync(this.#pathOf(0), 'a', 0o600);
  }

  #pathOf(age: number): string {
    return join(this.#directory, age === 0 ? 'host.log' : `host.${age}.log`);
  }
}

function renameIfPresent(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
}
