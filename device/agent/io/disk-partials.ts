import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAbsent } from '#shared/program/error-code.ts';
import { fileDigest } from './file-digest.ts';
import type { Partial, PartialStore } from './partial.ts';

/** Downloads in a directory of the device: `<sha256>.part` with the ETag beside it, then `<sha256>`. They outlive a reboot, and end with the next. */
export class DiskPartials implements PartialStore {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async whole(sha256: string): Promise<string | undefined> {
    const path = this.#path(sha256);
    try {
      if ((await fileDigest(path)) === sha256) return path;
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
    await rm(path, { force: true });
    return undefined;
  }

  async open(sha256: string): Promise<Partial> {
    await mkdir(this.#directory, { recursive: true });
    await this.#dropOthers(sha256);
    const path = this.#path(sha256);
    const handle = await open(`${path}.part`, 'a', 0o600);
    try {
      const hash = createHash('sha256');
      let receivedBytes = 0;
      for await (const chunk of createReadStream(`${path}.part`, { highWaterMark: 1_048_576 })) {
        hash.update(chunk);
        receivedBytes += chunk.length;
      }
      const etag = await readText(`${path}.etag`);
      return new DiskPartial(path, handle, { hash, receivedBytes, etag });
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** What was installed, or given up in an earlier boot, has no other end: a device has room for one download. */
  async #dropOthers(sha256: string): Promise<void> {
    const names = await readdir(this.#directory);
    const others = names.filter((name) => !name.startsWith(sha256));
    await Promise.all(others.map((name) => rm(join(this.#directory, name), { force: true })));
  }

  async discard(sha256: string): Promise<void> {
    const path = this.#path(sha256);
    await Promise.all(['', '.part', '.etag'].map((suffix) => rm(`${path}${suffix}`, { force: true })));
  }

  /** Forgets all there is, for whoever needs the room more. */
  async clear(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }

  #path(sha256: string): string {
    return join(this.#directory, sha256);
  }
}

class DiskPartial implements Partial {
  readonly #path: string;
  readonly #handle: FileHandle;
  #hash: Hash;
  #etag: string | undefined;
  #receivedBytes: number;

  constructor(
    path: string,
    handle: FileHandle,
    so: { readonly hash: Hash; readonly receivedBytes: number; readonly etag: string | undefined },
  ) {
    this.#path = path;
    this.#handle = handle;
    this.#hash = so.hash;
    this.#receivedBytes = so.receivedBytes;
    this.#etag = so.etag;
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  get etag(): string | undefined {
    return this.#etag;
  }

  async restart(etag: string | undefined): Promise<void> {
    await this.#handle.truncate(0);
    await writeFile(`${this.#path}.etag`, etag ?? '');
    this.#hash = createHash('sha256');
    this.#receivedBytes = 0;
    this.#etag = etag;
  }

  async append(chunk: Uint8Array): Promise<void> {
    await this.#handle.appendFile(chunk);
    this.#hash.update(chunk);
    this.#receivedBytes += chunk.length;
  }

  async pause(): Promise<void> {
    await this.#handle.close();
  }

  async digest(): Promise<string> {
    try {
      await this.#handle.sync();
    } finally {
      await this.#handle.close();
    }
    return this.#hash.digest('hex');
  }

  async keep(): Promise<string> {
    await rename(`${this.#path}.part`, this.#path);
    await rm(`${this.#path}.etag`, { force: true });
    return this.#path;
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')) || undefined;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}
