/** What is known of an object without reading it. */
export interface ObjectHead {
  readonly key: string;
  readonly sizeBytes: number;
  /** Names these very bytes; another upload to the same key has another version (S3 versioning). */
  readonly version: string;
  readonly etag: string;
}

/** What a listing tells of an object: S3 does not list the version of what is latest. */
export type ListedObject = Omit<ObjectHead, 'version'>;

/** One page of a listing, in order of key. */
export interface ObjectPage {
  readonly objects: readonly ListedObject[];
  readonly cursor?: string;
}

/** Bytes by name. A key is 1 to 512 characters of `[A-Za-z0-9!_.*'()/=-]`, without empty, `.` or `..` segments. */
export interface Bucket {
  /** Stores the bytes whole or not at all and answers once they are durable. */
  put(key: string, body: Uint8Array): Promise<ObjectHead>;
  head(key: string): Promise<ObjectHead | undefined>;
  /** Streams the object (of that version, where one is named) in bounded memory; `undefined` if there is none. */
  read(key: string, options?: { readonly version?: string }): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** Copies that very version of `from` to `to` without passing the bytes through the caller; `false` if it is gone. */
  copy(from: { readonly key: string; readonly version: string }, to: string): Promise<boolean>;
  /** Removing what is absent is no error. */
  remove(key: string): Promise<void>;
  list(prefix: string, options: { readonly limit: number; readonly cursor?: string }): Promise<ObjectPage>;
}

/** One part of a multipart upload and where to PUT it; all parts but the last are `partSizeBytes` long. */
export interface UploadPart {
  readonly number: number;
  readonly url: string;
  /** Of the bytes that the bucket has for it already; in a new upload of none. S3: their MD5 in hex, on one machine their sha256. */
  readonly etag?: string;
}

/** A multipart upload that has begun. */
export interface Upload {
  readonly uploadId: string;
  readonly partSizeBytes: number;
  readonly parts: readonly UploadPart[];
  /** Milliseconds since 1970 after which the URLs are refused. */
  readonly expiresAtMs: number;
}

/** Presigned multipart uploads straight into a bucket: S3 allows 10,000 parts of 5 MiB to 5 GiB, the last may be smaller. */
export interface Uploads {
  begin(key: string, options: { readonly sizeBytes: number; readonly lifeSeconds: number }): Promise<Upload>;
  /**
   * New URLs for parts of an upload whose first ones have expired, and which parts have arrived. Throws `NotFoundError` when it is no
   * longer open: it was completed, aborted, or given up by the bucket after a day or two.
   */
  renew(
    key: string,
    uploadId: string,
    options: { readonly sizeBytes: number; readonly lifeSeconds: number },
  ): Promise<Upload>;
  /**
   * Puts the parts together; the object appears, and its upload event fires, only now. A repeat, after the answer was lost,
   * changes nothing. Throws `RefusedError` when a part is missing or its ETag differs, `NotFoundError` when there is no
   * such upload.
   */
  complete(
    key: string,
    uploadId: string,
    parts: readonly { readonly number: number; readonly etag: string }[],
  ): Promise<void>;
  abort(key: string, uploadId: string): Promise<void>;
}

/** Presigned downloads that support Range requests. */
export interface Downloads {
  /** A URL that gives these bytes for `lifeSeconds` (at most 900, invariant 1 of the rollouts). */
  url(key: string, options: { readonly lifeSeconds: number }): Promise<string>;
}
