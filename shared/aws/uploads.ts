import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  ListPartsCommand,
  type S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { Upload, Uploads } from '#shared/capabilities/bucket.ts';
import type { AwsSource } from '#shared/capabilities/home.ts';
import { checkKey } from '#shared/capabilities/limits/object-key.ts';
import { planUpload, sizeOfPart } from '#shared/capabilities/limits/upload-plan.ts';
import { expiryAfter } from '#shared/capabilities/limits/url-life.ts';
import { NotFoundError, RefusedError } from '#shared/errors/errors.ts';
import type { World } from '#shared/world/world.ts';
import { calling, translated } from './aws-error.ts';
import { ifPresent, newS3Client, unquoted } from './s3.ts';

/** As on one machine. A URL also dies with the credentials that signed it, on Lambda some hours after they were given. */
const LONGEST_LIFE_SECONDS = 24 * 60 * 60;
const ACTION = 's3:PutObject';
/** S3 may begin its answer only when the object is put together; the function that asks has 29 s. */
const WHOLE_OBJECT = { requestTimeout: 20_000 };
/**
 * What a part's sender must send as it was signed. Without the length a part could be 5 GiB, whatever was announced, and an upload
 * ten thousand of them.
 */
const SIGNED_HEADERS = new Set(['host', 'content-length']);
/** What S3 says of parts that do not make an object. */
const WRONG_PARTS = new Set(['InvalidPart', 'InvalidPartOrder', 'EntityTooSmall', 'MalformedXML']);

/** Uploads into the bucket that the variable names. */
export function open({ resource, share, world }: AwsSource): Uploads {
  return new S3Uploads(share(newS3Client), resource, world);
}

/** `Uploads` by S3 multipart: the parts go from the manufacturer straight to the bucket. */
export class S3Uploads implements Uploads {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #world: Pick<World, 'now'>;

  constructor(client: S3Client, bucket: string, world: Pick<World, 'now'>) {
    this.#client = client;
    this.#bucket = bucket;
    this.#world = world;
  }

  async begin(
    key: string,
    options: { readonly sizeBytes: number; readonly lifeSeconds: number },
  ): Promise<Upload> {
    checkKey(key);
    planUpload(options.sizeBytes);
    expiryAfter(this.#world, options.lifeSeconds, LONGEST_LIFE_SECONDS);
    const request = new CreateMultipartUploadCommand({ Bucket: this.#bucket, Key: key });
    const { UploadId = '' } = await calling(ACTION, this.#bucket, () => this.#client.send(request));
    return this.#sign(key, UploadId, options);
  }

  /** A URL can be signed for any id, so S3 is asked first: the bucket's lifecycle rule aborts what lies too long. */
  async renew(
    key: string,
    uploadId: string,
    options: { readonly sizeBytes: number; readonly lifeSeconds: number },
  ): Promise<Upload> {
    checkKey(key);
    return this.#sign(key, uploadId, options, await this.#arrived(key, uploadId));
  }

  /** The ETags of the parts that S3 has, by number; it lists a thousand at a time. Throws `NotFoundError`. */
  async #arrived(key: string, uploadId: string): Promise<ReadonlyMap<number, string>> {
    const upload = { Bucket: this.#bucket, Key: key, UploadId: uploadId };
    const etags = new Map<number, string>();
    let after: string | undefined;
    do {
      const request = new ListPartsCommand({
        ...upload,
        ...(after !== undefined && { PartNumberMarker: after }),
      });
      const page = await ifPresent('s3:ListMultipartUploadParts', this.#bucket, () =>
        this.#client.send(request),
      );
      if (page === undefined)
        throw new NotFoundError('uploadId', 'must be an upload that is open: begin it again');
      for (const { PartNumber, ETag } of page.Parts ?? [])
        if (PartNumber !== undefined && ETag !== undefined) etags.set(PartNumber, unquoted(ETag));
      after = page.IsTruncated === true ? page.NextPartNumberMarker : undefined;
    } while (after !== undefined);
    return etags;
  }

  async complete(
    key: string,
    uploadId: string,
    parts: readonly { readonly number: number; readonly etag: string }[],
  ): Promise<void> {
    checkKey(key);
    // S3 would make an object of the parts that are named, whichever they are.
    if (parts.length === 0 || parts.some(({ number }, at) => number !== at + 1))
      throw new RefusedError('parts', 'must name every part from 1 in order');
    const Parts = parts.map(({ number, etag }) => ({ PartNumber: number, ETag: etag }));
    const request = new CompleteMultipartUploadCommand({
      Bucket: this.#bucket,
      Key: key,
      UploadId: uploadId,
      MultipartUpload: { Parts },
    });
    const done = await ifPresent(ACTION, this.#bucket, () =>
      this.#client.send(request, WHOLE_OBJECT).catch((error: unknown) => {
        if (error instanceof Error && WRONG_PARTS.has(error.name))
          throw new RefusedError('parts', 'one is missing, too small or not the one that was sent');
        throw error;
      }),
    );
    if (done === undefined && !(await this.#isMadeOf(key, parts)))
      throw new NotFoundError('uploadId', 'must be an upload that is open: begin it again');
  }

  /**
   * Whether the object is the one that these parts make: S3 forgets an upload when it is complete, and a repeat after a lost
   * answer finds none.
   */
  async #isMadeOf(key: string, parts: readonly { readonly etag: string }[]): Promise<boolean> {
    const request = new HeadObjectCommand({ Bucket: this.#bucket, Key: key });
    try {
      const { ETag } = await this.#client.send(request);
      return unquoted(ETag) === multipartEtag(parts.map(({ etag }) => unquoted(etag)));
    } catch (error) {
      // Without the right to list the bucket, S3 says 403 of what is not there.
      const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
      if (status === 403 || status === 404) return false;
      throw translated(error, 's3:GetObject', this.#bucket);
    }
  }

  async abort(key: string, uploadId: string): Promise<void> {
    checkKey(key);
    const request = new AbortMultipartUploadCommand({ Bucket: this.#bucket, Key: key, UploadId: uploadId });
    await ifPresent('s3:AbortMultipartUpload', this.#bucket, () => this.#client.send(request));
  }

  async #sign(
    key: string,
    uploadId: string,
    { sizeBytes, lifeSeconds }: { readonly sizeBytes: number; readonly lifeSeconds: number },
    etags: ReadonlyMap<number, string> = new Map(),
  ): Promise<Upload> {
    checkKey(key);
    const { partSizeBytes, partCount } = planUpload(sizeBytes);
    const expiresAtSeconds = expiryAfter(this.#world, lifeSeconds, LONGEST_LIFE_SECONDS);
    const signingDate = new Date((expiresAtSeconds - lifeSeconds) * 1000);
    const parts = [];
    for (let number = 1; number <= partCount; number += 1) {
      const request = new UploadPartCommand({
        Bucket: this.#bucket,
        Key: key,
        UploadId: uploadId,
        PartNumber: number,
        ContentLength: sizeOfPart({ sizeBytes, partSizeBytes }, number),
      });
      const etag = etags.get(number);
      parts.push({
        number,
        url: await getSignedUrl(this.#client, request, {
          expiresIn: lifeSeconds,
          signingDate,
          signableHeaders: SIGNED_HEADERS,
        }),
        ...(etag !== undefined && { etag }),
      });
    }
    return { uploadId, partSizeBytes, parts, expiresAtMs: expiresAtSeconds * 1000 };
  }
}

/** The ETag of an object under SSE-S3 that was put together from parts: the MD5 of theirs, and how many they are. */
function multipartEtag(partEtags: readonly string[]): string {
  const digests = createHash('md5');
  for (const etag of partEtags) digests.update(etag, 'hex');
  return `${digests.digest('hex')}-${partEtags.length}`;
}
