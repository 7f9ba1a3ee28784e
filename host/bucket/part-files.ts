import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { removeIfPresent, syncDirectory } from '#host/files/durable-file.ts';
import { EvenkeelError } from '#shared/errors/errors.ts';
import type { World } from '#shared/world/world.ts';
import { IntactFiles } from './intact-files.ts';
import type { PartFile } from './object-index.ts';

/**
 * A file is read in such pieces. Some six wait between the file and a receiver that takes nothing: 0.4 MB for each such download, where
 * pieces of 256 KB made it 1.2 MB and none of them faster.
 */
const READ_CHUNK_BYTES = 64 * 1024;

/** The files of one bucket: immutable, under random names, in 256 directories so that none grows too long. */
export class PartFiles {
  readonly #directory: string;
  readonly #world: Pick<World, 'randomBytes'>;
  /** Files that are being written: they have no row in the index yet and are no garbage all the same. */
  readonly #writing = new Set<string>();
  readonly #durableShards = new Set<string>();
  readonly #intact = new IntactFiles();

  /** `directory` is the bucket's own, and exists. */
  constructor(directory: string, world: Pick<World, 'randomBytes'>) {
    this.#directory = directory;
    this.#world = world;
  }

  /**
   * Writes `bytes` chunk by chunk into a new file. Once file and directory entry are durable `keep` runs and must give the
   * file its row; when it, the bytes or the disk throw, nothing is left.
   */
  async write<T>(
    bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    keep: (part: PartFile) => T,
  ): Promise<T> {
    const file = Buffer.from(this.#world.randomBytes(16)).toString('hex');
    this.#writing.add(file);
    try {
      await this.#makeShard(file);
      const part = await this.#fill(file, bytes);
      await syncDirectory(this.#shard(file));
      return keep(part);
    } catch (error) {
      await this.remove(file);
      throw error;
    } finally {
      this.#writing.delete(file);
    }
  }

  /**
   * The bytes from `from` up to and without `to` of the files put end to end. Throws `EvenkeelError` `damaged-file` before the first byte
   * of a file that is gone or no longer what was written.
   */
  async *read(parts: readonly PartFile[], from: number, to: number): AsyncGenerator<Uint8Array> {
    let partStart = 0;
    for (const part of parts) {
      const start = Math.max(from - partStart, 0);
      const end = Math.min(to - partStart, part.sizeBytes);
      partStart += part.sizeBytes;
      if (start >= end) continue;
      await this.#intact.check(part, this.#path(part.file));
      let leftBytes = end - start;
      const options = { start, end: end - 1, highWaterMark: READ_CHUNK_BYTES };
      for await (const chunk of createReadStream(this.#path(part.file), options)) {
        leftBytes -= chunk.length;
        yield chunk;
      }
      if (leftBytes !== 0) throw new EvenkeelError('damaged-file', `${part.file} lacks ${leftBytes} bytes`);
    }
  }

  /** Removing what is absent is no error. */
  async remove(file: string): Promise<void> {
    this.#intact.forget(file);
    await removeIfPresent(this.#path(file));
  }

  /** Removes every file that is not being written and that `isOwned` does not know: what a crash left behind. */
  async removeGarbage(isOwned: (file: string) => boolean): Promise<number> {
    let removed = 0;
    for (const shard of await readdir(this.#directory)) {
      for (const file of await readdir(join(this.#directory, shard))) {
        if (this.#writing.has(file) || isOwned(file)) continue;
        await this.remove(file);
        removed++;
      }
    }
    return removed;
  }

  async #fill(file: string, bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<PartFile> {
    const digest = createHash('sha256');
    let sizeBytes = 0;
    await using handle = await open(this.#path(file), 'wx', 0o600);
    for await (const chunk of bytes) {
      digest.update(chunk);
      sizeBytes += chunk.length;
      await handle.writeFile(chunk);
    }
    await handle.sync();
    return { file, sizeBytes, etag: digest.digest('hex') };
  }

  async #makeShard(file: string): Promise<void> {
    const shard = this.#shard(file);
    if (this.#durableShards.has(shard)) return;
    await mkdir(shard, { recursive: true, mode: 0o700 });
    await syncDirectory(this.#directory);
    this.#durableShards.add(shard);
  }

  #shard(file: string): string {
    return join(this.#directory, file.slice(0, 2));
  }

  #path(file: string): string {
    return join(this.#shard(file), file);
  }
}
