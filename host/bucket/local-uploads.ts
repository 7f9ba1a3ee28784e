import type { Upload, Uploads } from '#shared/capabilities/bucket.ts';
import { checkKey } from '#shared/capabilities/limits/object-key.ts';
import { planUpload } from '#shared/capabilities/limits/upload-plan.ts';
import { expiryAfter } from '#shared/capabilities/limits/url-life.ts';
import { RefusedError } from '#shared/errors/errors.ts';
import { type BucketParts, newVersion } from './local-bucket.ts';
import { LONGEST_LIFE_SECONDS, type UrlSigner } from './presigned-url.ts';
import type { Room } from './room.ts';
import type { StoredUpload, UploadIndex } from './upload-index.ts';

/** Multipart uploads into one bucket; the parts arrive over HTTP (see `receive-part.ts`). */
export class LocalUploads implements Uploads {
  readonly #parts: BucketParts;
  readonly #index: UploadIndex;
  readonly #signer: UrlSigner;
  readonly #room: Room;

  constructor(
    parts: BucketParts,
    { index, signer, room }: { readonly index: UploadIndex; readonly signer: UrlSigner; readonly room: Room },
  ) {
    this.#parts = parts;
    this.#index = index;
    this.#signer = signer;
    this.#room = room;
  }

  async begin(
    key: string,
    options: { readonly sizeBytes: number; readonly lifeSeconds: number },
  ): Promise<Upload> {
    checkKey(key);
    const { sizeBytes, lifeSeconds } = options;
    const { partSizeBytes } = planUpload(sizeBytes);
    const { bucket, world } = this.#parts;
    const upload = { uploadId: newVersion(world), bucket, key, sizeBytes, partSizeBytes };
    const signed = this.#sign(upload, lifeSeconds);
    await this.#room.check(sizeBytes);
    this.#index.begin(upload, world.now());
    return signed;
  }

  async renew(
    key: string,
    uploadId: string,
    options: { readonly sizeBytes: number; readonly lifeSeconds: number },
  ): Promise<Upload> {
    const upload = this.#index.findOpen(this.#parts.bucket, key, uploadId);
    if (upload.sizeBytes !== options.sizeBytes) {
      throw new RefusedError('sizeBytes', `this upload was begun with ${upload.sizeBytes}`);
    }
    const signed = this.#sign(upload, options.lifeSeconds);
    this.#index.touch(uploadId, this.#parts.world.now());
    return signed;
  }

  async complete(
    key: string,
    uploadId: string,
    parts: readonly { readonly number: number; readonly etag: string }[],
  ): Promise<void> {
    const { bucket, created, world } = this.#parts;
    const upload = this.#index.find(bucket, key, uploadId);
    const { partCount } = planUpload(upload.sizeBytes);
    if (parts.length !== partCount || parts.some((part, at) => part.number !== at + 1)) {
      throw new RefusedError('parts', `must name the parts 1 to ${partCount} in order`);
    }
    // An HTTP ETag is quoted (RFC 9110, section 8.8.3); clients pass it on with or without.
    const etags = parts.map((part) => part.etag.replace(/^"(.*)"$/, '$1'));
    const object = this.#index.complete(upload, etags, newVersion(world), world.now());
    if (upload.version === undefined) await created.tell(object);
  }

  async abort(key: string, uploadId: string): Promise<void> {
    const { bucket, files } = this.#parts;
    for (const file of this.#index.abort(bucket, key, uploadId)) await files.remove(file);
  }

  #sign(upload: StoredUpload, lifeSeconds: number): Upload {
    const { uploadId, bucket, key, partSizeBytes } = upload;
    const expiresAtSeconds = expiryAfter(this.#parts.world, lifeSeconds, LONGEST_LIFE_SECONDS.PUT);
    const { partCount } = planUpload(upload.sizeBytes);
    const arrived = this.#index.arrived(uploadId);
    const parts = Array.from({ length: partCount }, (_, at) => {
      const number = at + 1;
      const part = { uploadId, number };
      const etag = arrived.get(number);
      const url = this.#signer.sign({ method: 'PUT', bucket, key, expiresAtSeconds, part });
      return { number, url, ...(etag !== undefined && { etag }) };
    });
    return { uploadId, partSizeBytes, parts, expiresAtMs: expiresAtSeconds * 1000 };
  }
}
