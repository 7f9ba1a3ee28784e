import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { syncDirectory } from '#host/files/durable-file.ts';
import { Rounds } from '#host/rounds.ts';
import type { Bucket, Downloads, Uploads } from '#shared/capabilities/bucket.ts';
import { checkBucketName } from '#shared/capabilities/limits/object-key.ts';
import { NotFoundError } from '#shared/errors/errors.ts';
import { DirectoryLock } from '#shared/program/directory-lock.ts';
import type { World } from '#shared/world/world.ts';
import { AgreedTime } from './agreed-time.ts';
import { bucketHttp, type HttpHandler } from './bucket-http.ts';
import { CreatedObjects, type OnObjectCreated } from './created-objects.ts';
import { indexIn, openIndexDatabase } from './index-database.ts';
import { LocalBucket } from './local-bucket.ts';
import { LocalDownloads } from './local-downloads.ts';
import { LocalUploads } from './local-uploads.ts';
import type { ObjectExpiry } from './object-expiry.ts';
import { ObjectIndex } from './object-index.ts';
import { PartFiles } from './part-files.ts';
import { presignKey } from './presign-key.ts';
import { UrlSigner } from './presigned-url.ts';
import { freeBytesOf, Room } from './room.ts';
import { sweep } from './sweep.ts';
import { UploadIndex } from './upload-index.ts';

const ROUND_EVERY_MS = 60 * 60 * 1000;

/** What the buckets of one home are made from. */
export interface BucketsOptions {
  /** The home's data directory; files go to `buckets/`, the signing key to `secrets/`. */
  readonly directory: string;
  /** Names of the buckets there are, as S3 takes them. */
  readonly buckets: readonly string[];
  /** Which objects are removed by their age, by bucket; none unless told. */
  readonly expiries?: ReadonlyMap<string, readonly ObjectExpiry[]>;
  /** Where `handleHttp` is reached, such as `https://localhost:8443`, without a slash at the end. */
  readonly baseUrl: string;
  readonly world: World;
  readonly onObjectCreated: OnObjectCreated;
  /** Hears of every fault that no caller hears of: in the sweep, in recording at start, while serving. */
  readonly onFault: (error: unknown) => void;
  /** A client that moves no byte for so long is cut off; 60 unless told. */
  readonly idleSeconds?: number;
  /** How much room the disk has; what the system says unless told. */
  readonly freeBytes?: () => Promise<number>;
}

/** The three capabilities over one bucket. */
export interface BucketDoors {
  readonly bucket: Bucket;
  readonly uploads: Uploads;
  readonly downloads: Downloads;
}

/** What a host needs of its buckets. */
export interface HomeBuckets {
  /** The capabilities over one bucket. Throws `NotFoundError` for one that was not named when opening. */
  of(name: string): BucketDoors;
  /** Tells of what appeared and was not recorded before the last end. */
  start(): Promise<void>;
  close(): Promise<void>;
  /** Serves presigned URLs. */
  readonly handleHttp: HttpHandler;
}

/**
 * Opens the buckets under `options.directory`. Throws `RefusedError` for a bucket name that S3 would refuse,
 * `ConfigurationError` for a broken signing key, and when another process has the directory.
 */
export async function openBuckets(options: BucketsOptions): Promise<Buckets> {
  for (const name of options.buckets) checkBucketName(name);
  const directory = join(options.directory, 'buckets');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  for (const name of options.buckets) {
    await mkdir(join(directory, name), { recursive: true, mode: 0o700 });
  }
  await syncDirectory(directory);
  const key = await presignKey(join(options.directory, 'secrets'), options.world);
  const lock = new DirectoryLock(directory);
  try {
    return new Buckets(options, { directory, lock, key });
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** All buckets of a home, over one index. */
export class Buckets implements HomeBuckets {
  /** Serves presigned URLs; to be mounted in the home's HTTPS server. */
  readonly handleHttp: HttpHandler;
  readonly #options: BucketsOptions;
  readonly #directory: string;
  readonly #lock: DirectoryLock;
  readonly #database: DatabaseSync;
  readonly #index: ObjectIndex;
  readonly #uploads: UploadIndex;
  readonly #created: CreatedObjects;
  readonly #signer: UrlSigner;
  readonly #rounds: Rounds;
  readonly #room: Room;
  readonly #sweepTime: AgreedTime;
  readonly #unsearched: string[];
  readonly #files = new Map<string, PartFiles>();

  /** For `openBuckets`: `directory` is where the bucket files are, `lock` keeps it, `key` signs URLs. */
  constructor(
    options: BucketsOptions,
    {
      directory,
      lock,
      key,
    }: { readonly directory: string; readonly lock: DirectoryLock; readonly key: Uint8Array },
  ) {
    const { world, onFault, idleSeconds = 60, freeBytes = () => freeBytesOf(directory) } = options;
    this.#room = new Room(freeBytes);
    this.#sweepTime = new AgreedTime(world);
    this.#options = options;
    this.#directory = directory;
    this.#unsearched = [...options.buckets];
    this.#lock = lock;
    this.#database = openIndexDatabase(indexIn(directory), world.now());
    this.#index = new ObjectIndex(this.#database);
    this.#uploads = new UploadIndex(this.#database, this.#index);
    this.#created = new CreatedObjects(this.#index, options.onObjectCreated);
    this.#signer = new UrlSigner(key, options.baseUrl, world);
    this.#rounds = new Rounds(world, ROUND_EVERY_MS, () => this.#round(), onFault);
    this.handleHttp = bucketHttp({
      signer: this.#signer,
      index: this.#index,
      uploads: this.#uploads,
      filesOf: (bucket) => this.#filesOf(bucket),
      world,
      idleSeconds,
      room: this.#room,
      onFault,
    });
  }

  /** The capabilities over one bucket. Throws `NotFoundError` for one that was not named when opening. */
  of(name: string): BucketDoors {
    const { world, buckets } = this.#options;
    if (!buckets.includes(name)) throw new NotFoundError('bucket', `there is no bucket ${name}`);
    const parts = {
      bucket: name,
      index: this.#index,
      files: this.#filesOf(name),
      created: this.#created,
      world,
    };
    return {
      bucket: new LocalBucket(parts),
      uploads: new LocalUploads(parts, { index: this.#uploads, signer: this.#signer, room: this.#room }),
      downloads: new LocalDownloads(name, this.#signer, world),
    };
  }

  /** Tells of what appeared and was not recorded before the last end; removes a crash's leftovers; sweeps every hour. */
  async start(): Promise<void> {
    await this.#created.tellUntold();
    this.#rounds.start();
  }

  /** Resolves once what `start` and each hour set going is done. */
  idle(): Promise<void> {
    return this.#rounds.idle();
  }

  /** Ends the sweep and gives the directory free; call it once nothing uses the buckets any more. */
  async close(): Promise<void> {
    await this.#rounds.stop();
    this.#database.close();
    this.#lock.release();
  }

  async #round(): Promise<void> {
    await this.#created.tellUntold();
    const { expiries = new Map(), world } = this.#options;
    const nowMs = this.#sweepTime.read();
    const swept = { index: this.#index, uploads: this.#uploads, expiries };
    if (nowMs !== undefined)
      await sweep({ ...swept, filesOf: (bucket) => this.#filesOf(bucket) }, nowMs, world);
    // Only a crash leaves files without a row, so once per start is enough.
    for (const name of this.#unsearched.splice(0)) {
      await this.#filesOf(name).removeGarbage((file) => this.#index.ownsFile(file));
    }
  }

  #filesOf(bucket: string): PartFiles {
    const files =
      this.#files.get(bucket) ?? new PartFiles(join(this.#directory, bucket), this.#options.world);
    this.#files.set(bucket, files);
    return files;
  }
}
