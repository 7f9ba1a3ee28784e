import { createHash } from 'node:crypto';
import type { BucketDoors, BucketsOptions, HomeBuckets } from '#host/bucket/buckets.ts';
import { objectEtag } from '#host/bucket/object-etag.ts';
import type { Bucket, Downloads, ObjectHead, Upload, Uploads } from '#shared/capabilities/bucket.ts';
import { checkKey, checkPrefix } from '#shared/capabilities/limits/object-key.ts';
import { planUpload, sizeOfPart } from '#shared/capabilities/limits/upload-plan.ts';
import { expiryAfter } from '#shared/capabilities/limits/url-life.ts';
import { NotFoundError, RefusedError } from '#shared/errors/errors.ts';
import { answerUrl, type UrlAnswer, type UrlRequest, urlOf } from './memory-urls.ts';

/** One version of an object. */
export interface StoredObject extends ObjectHead {
  readonly bucket: string;
  readonly bytes: Uint8Array;
  isTold: boolean;
}

interface StoredUpload {
  readonly uploadId: string;
  readonly bucket: string;
  readonly key: string;
  readonly sizeBytes: number;
  readonly parts: Map<number, { readonly bytes: Uint8Array; readonly etag: string }>;
  isOver: boolean;
}

const LONGEST_UPLOAD_SECONDS = 86_400;
const LONGEST_DOWNLOAD_SECONDS = 900;
const MOST_LISTED = 1000;

function replace<K, V>(map: Map<K, V>, entries: Iterable<readonly [K, V]>): void {
  map.clear();
  for (const [key, value] of entries) map.set(key, value);
}

/** What buckets keep over a crash: the disk, without files. */
export class MemoryDisk {
  /** All versions, oldest first. */
  readonly versions: StoredObject[] = [];
  /** The version that is latest under `<bucket> <key>`. */
  readonly latest = new Map<string, StoredObject>();
  readonly uploads = new Map<string, StoredUpload>();
  #version = 0;

  /** What lies on it now, to be put back. */
  copy(): () => void {
    const [versions, latest, uploads] = [[...this.versions], [...this.latest], [...this.uploads]];
    const told = new Map(versions.map((one) => [one, one.isTold]));
    const parts = new Map(uploads.map(([, one]) => [one, { isOver: one.isOver, parts: [...one.parts] }]));
    return () => {
      this.versions.splice(0, this.versions.length, ...versions);
      for (const one of versions) one.isTold = told.get(one) ?? false;
      replace(this.latest, latest);
      replace(this.uploads, uploads);
      for (const [, one] of uploads) {
        one.isOver = parts.get(one)?.isOver ?? false;
        replace(one.parts, parts.get(one)?.parts ?? []);
      }
    };
  }

  nextVersion(): string {
    this.#version += 1;
    return this.#version.toString(16).padStart(32, '0');
  }
}

/** The twin of the buckets in files: the same capabilities over memory, for a world without real input and output. */
export class MemoryBuckets implements HomeBuckets {
  /** Nobody reaches the simulation over a socket; see `fetchUrl`. */
  readonly handleHttp = (): Promise<boolean> => Promise.resolve(false);
  readonly #disk: MemoryDisk;
  readonly #options: BucketsOptions;

  constructor(disk: MemoryDisk, options: BucketsOptions) {
    this.#disk = disk;
    this.#options = options;
  }

  of(name: string): BucketDoors {
    if (!this.#options.buckets.includes(name))
      throw new NotFoundError('bucket', `there is no bucket ${name}`);
    return { bucket: this.#bucket(name), uploads: this.#uploads(name), downloads: this.#downloads(name) };
  }

  async start(): Promise<void> {
    for (const object of this.#disk.versions) if (!object.isTold) await this.#tell(object);
  }

  async close(): Promise<void> {
    // Nothing is open.
  }

  /** What the HTTPS server would answer to a request for a presigned URL. */
  fetchUrl(request: UrlRequest): UrlAnswer {
    return answerUrl(this.#disk, this.#options.world.now(), request);
  }

  #bucket(bucket: string): Bucket {
    const disk = this.#disk;
    const versionOf = (key: string, version: string) =>
      disk.versions.find((one) => one.bucket === bucket && one.key === key && one.version === version);
    return {
      put: async (key, body) => {
        checkKey(key);
        const etag = createHash('sha256').update(body).digest('hex');
        return headOf(await this.#publish(bucket, key, body.slice(), etag));
      },
      head: async (key) => {
        checkKey(key);
        const found = disk.latest.get(`${bucket} ${key}`);
        return found && headOf(found);
      },
      read: async (key, { version } = {}) => {
        checkKey(key);
        const found = version === undefined ? disk.latest.get(`${bucket} ${key}`) : versionOf(key, version);
        return found && once(found.bytes);
      },
      copy: async (from, to) => {
        checkKey(from.key);
        checkKey(to);
        const source = versionOf(from.key, from.version);
        if (source === undefined) return false;
        await this.#publish(bucket, to, source.bytes, source.etag);
        return true;
      },
      remove: async (key) => {
        checkKey(key);
        disk.latest.delete(`${bucket} ${key}`);
      },
      list: async (prefix, { limit, cursor }) => {
        checkPrefix(prefix);
        if (!Number.isSafeInteger(limit) || limit < 1)
          throw new RefusedError('limit', 'must be a whole number from 1');
        const size = Math.min(limit, MOST_LISTED);
        const after = cursor === undefined ? '' : Buffer.from(cursor, 'base64url').toString();
        const found = [...disk.latest.values()]
          .filter((one) => one.bucket === bucket && one.key.startsWith(prefix) && one.key > after)
          .sort((a, b) => (a.key < b.key ? -1 : 1));
        const objects = found.slice(0, size).map(({ key, sizeBytes, etag }) => ({ key, sizeBytes, etag }));
        const last = objects.at(-1);
        return found.length > size && last
          ? { objects, cursor: Buffer.from(last.key).toString('base64url') }
          : { objects };
      },
    };
  }

  #uploads(bucket: string): Uploads {
    const { uploads } = this.#disk;
    const find = (key: string, uploadId: string): StoredUpload => {
      const found = uploads.get(uploadId);
      if (found?.bucket !== bucket || found.key !== key)
        throw new NotFoundError('upload', 'must be one that was begun');
      return found;
    };
    return {
      begin: async (key, { sizeBytes, lifeSeconds }) => {
        checkKey(key);
        planUpload(sizeBytes);
        const uploadId = this.#disk.nextVersion();
        const upload = { uploadId, bucket, key, sizeBytes, parts: new Map(), isOver: false };
        const signed = this.#sign(upload, lifeSeconds);
        uploads.set(uploadId, upload);
        return signed;
      },
      renew: async (key, uploadId, { sizeBytes, lifeSeconds }) => {
        const upload = find(key, uploadId);
        if (upload.isOver) throw new NotFoundError('upload', 'must be open');
        if (upload.sizeBytes !== sizeBytes)
          throw new RefusedError('sizeBytes', `this upload was begun with ${upload.sizeBytes}`);
        return this.#sign(upload, lifeSeconds);
      },
      complete: async (key, uploadId, parts) => {
        const upload = find(key, uploadId);
        const { partCount } = planUpload(upload.sizeBytes);
        if (parts.length !== partCount || parts.some((part, at) => part.number !== at + 1))
          throw new RefusedError('parts', `must name the parts 1 to ${partCount} in order`);
        const stored = parts.map(({ number, etag }) => {
          const part = upload.parts.get(number);
          if (part === undefined || part.etag !== etag.replace(/^"(.*)"$/, '$1'))
            throw new RefusedError('parts', `part ${number} must be the one that was sent`);
          return part;
        });
        if (upload.isOver) return;
        upload.isOver = true;
        const bytes = Buffer.concat(stored.map((part) => part.bytes));
        await this.#publish(bucket, key, bytes, objectEtag(stored.map(({ etag }) => etag)));
      },
      abort: async (key, uploadId) => {
        const found = uploads.get(uploadId);
        if (found?.bucket === bucket && found.key === key && !found.isOver) uploads.delete(uploadId);
      },
    };
  }

  #downloads(bucket: string): Downloads {
    return {
      url: async (key, { lifeSeconds }) => {
        checkKey(key);
        const expiresAtSeconds = expiryAfter(this.#options.world, lifeSeconds, LONGEST_DOWNLOAD_SECONDS);
        return urlOf(this.#options.baseUrl, { method: 'GET', bucket, key, expiresAtSeconds });
      },
    };
  }

  #sign(upload: StoredUpload, lifeSeconds: number): Upload {
    const { bucket, key, uploadId, sizeBytes } = upload;
    const { partSizeBytes, partCount } = planUpload(sizeBytes);
    const expiresAtSeconds = expiryAfter(this.#options.world, lifeSeconds, LONGEST_UPLOAD_SECONDS);
    const parts = Array.from({ length: partCount }, (_, at) => ({
      number: at + 1,
      url: urlOf(this.#options.baseUrl, {
        method: 'PUT',
        bucket,
        key,
        expiresAtSeconds,
        uploadId,
        part: at + 1,
      }),
    }));
    return { uploadId, partSizeBytes, parts, expiresAtMs: expiresAtSeconds * 1000 };
  }

  async #publish(bucket: string, key: string, bytes: Uint8Array, etag: string): Promise<StoredObject> {
    const version = this.#disk.nextVersion();
    const object = { bucket, key, bytes, sizeBytes: bytes.length, version, etag, isTold: false };
    this.#disk.versions.push(object);
    this.#disk.latest.set(`${bucket} ${key}`, object);
    await this.#tell(object);
    return object;
  }

  async #tell(object: StoredObject): Promise<void> {
    const { bucket, key, sizeBytes, version, etag } = object;
    await this.#options.onObjectCreated({ bucket, key, sizeBytes, version, etag });
    object.isTold = true;
  }
}

/** Stores a part of an upload; answers its ETag, `undefined` where the upload takes none of that number and size. */
export function storePart(
  disk: MemoryDisk,
  uploadId: string,
  number: number,
  bytes: Uint8Array,
): string | undefined {
  const upload = disk.uploads.get(uploadId);
  if (upload === undefined || upload.isOver) return undefined;
  const { partSizeBytes } = planUpload(upload.sizeBytes);
  if (sizeOfPart({ sizeBytes: upload.sizeBytes, partSizeBytes }, number) !== bytes.length) return undefined;
  const etag = createHash('sha256').update(bytes).digest('hex');
  upload.parts.set(number, { bytes, etag });
  return etag;
}

const headOf = ({ key, sizeBytes, version, etag }: StoredObject): ObjectHead => ({
  key,
  sizeBytes,
  version,
  etag,
});

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}
