import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Bucket, ObjectHead, ObjectPage } from '#shared/capabilities/bucket.ts';
import type { AwsSource } from '#shared/capabilities/home.ts';
import { checkKey, checkPrefix, isKey } from '#shared/capabilities/limits/object-key.ts';
import { ConfigurationError, RefusedError } from '#shared/errors/errors.ts';
import { calling, translated } from './aws-error.ts';
import { ifPresent, newS3Client, unquoted } from './s3.ts';

/** Most objects on a page (ListObjectsV2). */
const MOST_LISTED = 1000;
/** S3 may begin its answer only when the copy is made, and copies some 100 MB a second; the function that asks has minutes. */
const WHOLE_COPY = { requestTimeout: 120_000 };

/** The bucket that the variable names. */
export function open({ resource, share }: AwsSource): Bucket {
  return new S3Bucket(share(newS3Client), resource);
}

/**
 * `Bucket` on a versioned S3 bucket. `copy` is CopyObject, which takes at most 5 GiB; artifacts are smaller (see the
 * manifest's contract). Where the role may not list the bucket, S3 answers 403 instead of 404 for what is absent.
 */
export class S3Bucket implements Bucket {
  readonly #client: S3Client;
  readonly #name: string;

  constructor(client: S3Client, name: string) {
    this.#client = client;
    this.#name = name;
  }

  async put(key: string, body: Uint8Array): Promise<ObjectHead> {
    checkKey(key);
    const request = new PutObjectCommand({ Bucket: this.#name, Key: key, Body: body });
    const { ETag, VersionId } = await calling('s3:PutObject', this.#name, () => this.#client.send(request));
    const version = this.#versioned(VersionId);
    return { key, sizeBytes: body.byteLength, version, etag: unquoted(ETag) };
  }

  async head(key: string): Promise<ObjectHead | undefined> {
    checkKey(key);
    const request = new HeadObjectCommand({ Bucket: this.#name, Key: key });
    const found = await ifPresent('s3:GetObject', this.#name, () => this.#client.send(request));
    if (found === undefined) return undefined;
    const { ContentLength = 0, ETag, VersionId } = found;
    return { key, sizeBytes: ContentLength, version: this.#versioned(VersionId), etag: unquoted(ETag) };
  }

  async read(
    key: string,
    { version }: { readonly version?: string } = {},
  ): Promise<AsyncIterable<Uint8Array> | undefined> {
    checkKey(key);
    const request = new GetObjectCommand({
      Bucket: this.#name,
      Key: key,
      ...(version !== undefined && { VersionId: version }),
    });
    const action = version === undefined ? 's3:GetObject' : 's3:GetObjectVersion';
    const found = await ifPresent(action, this.#name, () => this.#client.send(request));
    // In Node the SDK's body is a Readable of Buffers; its type also covers browsers.
    const body = found?.Body as AsyncIterable<Uint8Array> | undefined;
    return body && translating(body, action, this.#name);
  }

  async copy(from: { readonly key: string; readonly version: string }, to: string): Promise<boolean> {
    checkKey(from.key);
    checkKey(to);
    const source = `${this.#name}/${encodeURIComponent(from.key)}?versionId=${encodeURIComponent(from.version)}`;
    const request = new CopyObjectCommand({ Bucket: this.#name, Key: to, CopySource: source });
    const copied = await ifPresent('s3:PutObject', this.#name, () => this.#client.send(request, WHOLE_COPY));
    return copied !== undefined;
  }

  async remove(key: string): Promise<void> {
    checkKey(key);
    const request = new DeleteObjectCommand({ Bucket: this.#name, Key: key });
    await calling('s3:DeleteObject', this.#name, () => this.#client.send(request));
  }

  /** The cursor is the last key: S3's own tokens are opaque to us and need not be. */
  async list(
    prefix: string,
    { limit, cursor }: { readonly limit: number; readonly cursor?: string },
  ): Promise<ObjectPage> {
    checkPrefix(prefix);
    if (!Number.isSafeInteger(limit) || limit < 1)
      throw new RefusedError('limit', 'must be a whole number from 1');
    const request = new ListObjectsV2Command({
      Bucket: this.#name,
      Prefix: prefix,
      MaxKeys: Math.min(limit, MOST_LISTED),
      ...(cursor !== undefined && { StartAfter: fromCursor(cursor) }),
    });
    const page = await calling('s3:ListBucket', this.#name, () => this.#client.send(request));
    const objects = (page.Contents ?? []).map(({ Key = '', Size = 0, ETag }) => ({
      key: Key,
      sizeBytes: Size,
      etag: unquoted(ETag),
    }));
    const last = objects.at(-1);
    return page.IsTruncated && last ? { objects, cursor: toCursor(last.key) } : { objects };
  }

  #versioned(version: string | undefined): string {
    if (version !== undefined) return version;
    throw new ConfigurationError(`the bucket ${this.#name} does not keep versions`);
  }
}

/** A body that says of a broken connection what every call says of it; it never ends early without a word. */
async function* translating(
  body: AsyncIterable<Uint8Array>,
  action: string,
  bucket: string,
): AsyncIterable<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw translated(error, action, bucket);
  }
}

const toCursor = (key: string): string => Buffer.from(key).toString('base64url');

function fromCursor(cursor: string): string {
  const key = Buffer.from(cursor, 'base64url').toString();
  if (!isKey(key)) throw new RefusedError('cursor', 'is not one that a listing gave');
  return key;
}
