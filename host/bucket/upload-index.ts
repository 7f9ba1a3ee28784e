import type { DatabaseSync } from 'node:sqlite';
import { NotFoundError, RefusedError } from '#shared/errors/errors.ts';
import { inTransaction } from './index-database.ts';
import { objectEtag } from './object-etag.ts';
import type { ObjectIndex, PartFile, StoredVersion } from './object-index.ts';

/** A multipart upload that has begun; all its parts but the last are `partSizeBytes` long. */
export interface StoredUpload {
  readonly uploadId: string;
  readonly bucket: string;
  readonly key: string;
  readonly sizeBytes: number;
  readonly partSizeBytes: number;
  /** The version that completion made of it; absent while it is open. */
  readonly version?: string;
}

type Row = Readonly<Record<string, unknown>>;

const toUpload = (row: Row): StoredUpload => ({
  uploadId: String(row.upload_id),
  bucket: String(row.bucket),
  key: String(row.key),
  sizeBytes: Number(row.size_bytes),
  partSizeBytes: Number(row.part_size_bytes),
  ...(row.version === null ? {} : { version: String(row.version) }),
});

/** Which multipart uploads there are and which parts of them have arrived; every change is durable when it returns. */
export class UploadIndex {
  readonly #database: DatabaseSync;
  readonly #objects: ObjectIndex;
  readonly #sql;

  constructor(database: DatabaseSync, objects: ObjectIndex) {
    this.#database = database;
    this.#objects = objects;
    const one = (sql: string) => database.prepare(sql);
    this.#sql = {
      insert: one('INSERT INTO uploads VALUES (?, ?, ?, ?, ?, ?, NULL)'),
      find: one('SELECT * FROM uploads WHERE upload_id = ? AND bucket = ? AND key = ?'),
      touch: one('UPDATE uploads SET touched_at_ms = ? WHERE upload_id = ?'),
      part: one('SELECT file FROM parts WHERE blob = ? AND number = ?'),
      putPart: one('INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?)'),
      parts: one('SELECT number, etag FROM parts WHERE blob = ?'),
      complete: one('UPDATE uploads SET version = ? WHERE upload_id = ?'),
      remove: one('DELETE FROM uploads WHERE upload_id = ?'),
      removeParts: one('DELETE FROM parts WHERE blob = ?'),
      abandoned: one('SELECT * FROM uploads WHERE touched_at_ms <= ? LIMIT ?'),
    };
  }

  begin(upload: StoredUpload, atMs: number): void {
    const { uploadId, bucket, key, sizeBytes, partSizeBytes } = upload;
    this.#sql.insert.run(uploadId, bucket, key, sizeBytes, partSizeBytes, atMs);
  }

  lookup(bucket: string, key: string, uploadId: string): StoredUpload | undefined {
    const row = this.#sql.find.get(uploadId, bucket, key);
    return row && toUpload(row);
  }

  /** The upload of that id to that very key; throws `NotFoundError`. */
  find(bucket: string, key: string, uploadId: string): StoredUpload {
    const upload = this.lookup(bucket, key, uploadId);
    if (upload === undefined)
      throw new NotFoundError('uploadId', 'must be an upload that is open: begin it again');
    return upload;
  }

  /** As `find`, for one that is not complete. */
  findOpen(bucket: string, key: string, uploadId: string): StoredUpload {
    const upload = this.find(bucket, key, uploadId);
    if (upload.version !== undefined) throw new NotFoundError('uploadId', 'this upload is complete');
    return upload;
  }

  touch(uploadId: string, atMs: number): void {
    this.#sql.touch.run(atMs, uploadId);
  }

  /** The ETags of the parts that have arrived, by number. */
  arrived(uploadId: string): ReadonlyMap<number, string> {
    return new Map(this.#sql.parts.all(uploadId).map(({ number, etag }) => [Number(number), String(etag)]));
  }

  /** Takes a part that arrived whole; answers the file it takes the place of. Throws `NotFoundError` if the upload is gone. */
  keepPart(upload: StoredUpload, number: number, part: PartFile): string | undefined {
    return inTransaction(this.#database, () => {
      this.findOpen(upload.bucket, upload.key, upload.uploadId);
      const earlier = this.#sql.part.get(upload.uploadId, number);
      this.#sql.putPart.run(upload.uploadId, number, part.file, part.sizeBytes, part.etag);
      return earlier && String(earlier.file);
    });
  }

  /**
   * Makes the parts the latest version of the key. `etags` are those of parts 1 to N. Throws `RefusedError` that names a
   * part that is missing or differs. An upload that is complete stays as it is: a repeat answers its first outcome.
   */
  complete(upload: StoredUpload, etags: readonly string[], version: string, atMs: number): StoredVersion {
    const { bucket, key, uploadId, sizeBytes } = upload;
    const object = { bucket, key, blob: uploadId, sizeBytes, etag: objectEtag(etags) };
    return inTransaction(this.#database, () => {
      const found = this.find(bucket, key, uploadId);
      if (found.version !== undefined) return { ...object, version: found.version };
      const arrived = this.arrived(uploadId);
      etags.forEach((etag, at) => {
        const actual = arrived.get(at + 1);
        if (actual === undefined) throw new RefusedError(`parts.${at}.number`, 'this part has not arrived');
        if (actual !== etag) throw new RefusedError(`parts.${at}.etag`, 'differs from the part that arrived');
      });
      this.#objects.insertLatest({ ...object, version }, atMs);
      this.#sql.complete.run(version, uploadId);
      return { ...object, version };
    });
  }

  /** Removes an upload that is not complete, if there is one; answers the files of its parts. */
  abort(bucket: string, key: string, uploadId: string): string[] {
    return inTransaction(this.#database, () => {
      const upload = this.lookup(bucket, key, uploadId);
      return upload === undefined || upload.version !== undefined ? [] : this.#forget(upload);
    });
  }

  /** Forgets up to `limit` uploads untouched since `untilMs`; answers the files of those that were never completed. */
  forgetAbandoned(
    untilMs: number,
    limit: number,
  ): { uploads: number; files: [bucket: string, file: string][] } {
    return inTransaction(this.#database, () => {
      const uploads = this.#sql.abandoned.all(untilMs, limit).map(toUpload);
      const files = uploads.flatMap((upload) =>
        this.#forget(upload).map((file): [string, string] => [upload.bucket, file]),
      );
      return { uploads: uploads.length, files };
    });
  }

  #forget(upload: StoredUpload): string[] {
    this.#sql.remove.run(upload.uploadId);
    if (upload.version !== undefined) return [];
    const files = this.#objects.files(upload.uploadId).map((part) => part.file);
    this.#sql.removeParts.run(upload.uploadId);
    return files;
  }
}
