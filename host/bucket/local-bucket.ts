import type { Bucket, ObjectHead, ObjectPage } from '#shared/capabilities/bucket.ts';
import { checkKey, checkPrefix, isKey } from '#shared/capabilities/limits/object-key.ts';
import { RefusedError } from '#shared/errors/errors.ts';
import type { World } from '#shared/world/world.ts';
import type { CreatedObjects } from './created-objects.ts';
import type { ObjectIndex, StoredVersion } from './object-index.ts';
import type { PartFiles } from './part-files.ts';

/** Most objects on a page, as S3 has it. */
const MOST_LISTED = 1000;

/** What the parts of one bucket share. */
export interface BucketParts {
  readonly bucket: string;
  readonly index: ObjectIndex;
  readonly files: PartFiles;
  readonly created: CreatedObjects;
  readonly world: World;
}

/**
 * A bucket in files. Versions live as in a versioned S3 bucket: one that was replaced or removed can still be read and
 * copied by its version, until the sweep forgets it (see `sweep.ts`). A copy shares the bytes of what it copies.
 */
export class LocalBucket implements Bucket {
  readonly #parts: BucketParts;

  constructor(parts: BucketParts) {
    this.#parts = parts;
  }

  async put(key: string, body: Uint8Array): Promise<ObjectHead> {
    checkKey(key);
    const { bucket, files, index, created, world } = this.#parts;
    const object = await files.write([body], (part) => {
      const { sizeBytes, etag } = part;
      const version = newVersion(world);
      const stored = { bucket, key, version, blob: version, sizeBytes, etag };
      index.publish(stored, [part], world.now());
      return stored;
    });
    await created.tell(object);
    return toHead(object);
  }

  async head(key: string): Promise<ObjectHead | undefined> {
    checkKey(key);
    const found = this.#parts.index.latest(this.#parts.bucket, key);
    return found && toHead(found);
  }

  async read(
    key: string,
    options: { readonly version?: string } = {},
  ): Promise<AsyncIterable<Uint8Array> | undefined> {
    checkKey(key);
    const { bucket, index, files } = this.#parts;
    const { version } = options;
    const found = version === undefined ? index.latest(bucket, key) : index.version(bucket, key, version);
    return found && files.read(index.files(found.blob), 0, found.sizeBytes);
  }

  async copy(from: { readonly key: string; readonly version: string }, to: string): Promise<boolean> {
    checkKey(from.key);
    checkKey(to);
    const { bucket, index, created, world } = this.#parts;
    const source = index.version(bucket, from.key, from.version);
    if (source === undefined) return false;
    const object = { ...source, key: to, version: newVersion(world) };
    index.publish(object, [], world.now());
    await created.tell(object);
    return true;
  }

  async remove(key: string): Promise<void> {
    checkKey(key);
    this.#parts.index.retire(this.#parts.bucket, key, this.#parts.world.now());
  }

  async list(
    prefix: string,
    options: { readonly limit: number; readonly cursor?: string },
  ): Promise<ObjectPage> {
    checkPrefix(prefix);
    const { limit, cursor } = options;
    if (!Number.isSafeInteger(limit) || limit < 1)
      throw new RefusedError('limit', 'must be a whole number from 1');
    const size = Math.min(limit, MOST_LISTED);
    const after = cursor === undefined ? '' : fromCursor(cursor);
    const found = this.#parts.index.list(this.#parts.bucket, prefix, after, size + 1);
    const objects = found.slice(0, size).map(toHead);
    const last = objects.at(-1);
    return found.length > size && last ? { objects, cursor: toCursor(last.key) } : { objects };
  }
}

/** A version id: 128 random bits in hex. */
export function newVersion(world: Pick<World, 'randomBytes'>): string {
  return Buffer.from(world.randomBytes(16)).toString('hex');
}

function toHead({ key, sizeBytes, version, etag }: StoredVersion): ObjectHead {
  return { key, sizeBytes, version, etag };
}

const toCursor = (key: string): string => Buffer.from(key).toString('base64url');

function fromCursor(cursor: string): string {
  const key = Buffer.from(cursor, 'base64url').toString();
  if (!isKey(key)) throw new RefusedError('cursor', 'is not one that a listing gave');
  return key;
}
