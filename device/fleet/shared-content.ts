import { createHash, type Hash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Partial, PartialStore } from '#device/agent/io/partial.ts';
import { DownloadError } from '#device/agent/ports.ts';

/**
 * One copy on disk of every artifact that a fleet downloads. Each device downloads and verifies its own whole stream; of its
 * bytes only those are written that no other device has brought yet. The copy is verified by itself before anybody gets it.
 */
export class SharedContent {
  readonly #directory: string;
  readonly #growing = new Map<string, GrowingFile>();
  readonly #whole = new Set<string>();

  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true });
  }

  /** The storage of one device. */
  partials(): PartialStore {
    const mine = new Map<string, SharedPartial>();
    return {
      whole: async () => undefined,
      open: async (sha256, sizeBytes) => {
        const partial = mine.get(sha256) ?? new SharedPartial(this, sha256, sizeBytes);
        mine.set(sha256, partial);
        return partial;
      },
      discard: async (sha256) => void mine.delete(sha256),
    };
  }

  /** Adds bytes of an artifact that begin at `offset`, as far as they are new. */
  contribute(sha256: string, sizeBytes: number, offset: number, chunk: Uint8Array): void {
    if (this.#whole.has(sha256)) return;
    const growing = this.#growing.get(sha256) ?? new GrowingFile(`${this.#path(sha256)}.growing`);
    this.#growing.set(sha256, growing);
    growing.add(offset, chunk);
    if (growing.writtenBytes < sizeBytes) return;
    this.#growing.delete(sha256);
    // A device brought bytes that are not right: the copy begins anew with the next one.
    if (growing.close() !== sha256) return;
    renameSync(`${this.#path(sha256)}.growing`, this.#path(sha256));
    this.#whole.add(sha256);
  }

  /** The path of the verified copy; rejects where there is none. */
  async pathOf(sha256: string): Promise<string> {
    const path = this.#path(sha256);
    if (this.#whole.has(sha256)) return path;
    throw new DownloadError('network', 'the shared copy has to be downloaded again');
  }

  #path(sha256: string): string {
    return join(this.#directory, sha256);
  }
}

/** A file that grows at its end only, from whoever brings the next bytes. */
class GrowingFile {
  readonly #descriptor: number;
  readonly #hash: Hash = createHash('sha256');
  #writtenBytes = 0;

  constructor(path: string) {
    this.#descriptor = openSync(path, 'w', 0o600);
  }

  get writtenBytes(): number {
    return this.#writtenBytes;
  }

  add(offset: number, chunk: Uint8Array): void {
    if (offset > this.#writtenBytes) return;
    const fresh = chunk.subarray(this.#writtenBytes - offset);
    if (fresh.length === 0) return;
    for (let at = 0; at < fresh.length; ) at += writeSync(this.#descriptor, fresh, at);
    this.#hash.update(fresh);
    this.#writtenBytes += fresh.length;
  }

  /** Ends it: answers the sha256 of what was written. */
  close(): string {
    closeSync(this.#descriptor);
    return this.#hash.digest('hex');
  }
}

/** How far one device is: its own digest over its own bytes, kept in memory between two tries. */
class SharedPartial implements Partial {
  readonly #content: SharedContent;
  readonly #sha256: string;
  readonly #sizeBytes: number;
  #hash: Hash = createHash('sha256');
  #receivedBytes = 0;
  #etag: string | undefined;

  constructor(content: SharedContent, sha256: string, sizeBytes: number) {
    this.#content = content;
    this.#sha256 = sha256;
    this.#sizeBytes = sizeBytes;
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  get etag(): string | undefined {
    return this.#etag;
  }

  async restart(etag: string | undefined): Promise<void> {
    this.#hash = createHash('sha256');
    this.#receivedBytes = 0;
    this.#etag = etag;
  }

  append(chunk: Uint8Array): void {
    this.#hash.update(chunk);
    this.#content.contribute(this.#sha256, this.#sizeBytes, this.#receivedBytes, chunk);
    this.#receivedBytes += chunk.length;
  }

  async pause(): Promise<void> {
    // Its bytes are in the shared copy already, and its digest stays in memory.
  }

  async digest(): Promise<string> {
    return this.#hash.copy().digest('hex');
  }

  async keep(): Promise<string> {
    return this.#content.pathOf(this.#sha256);
  }
}
