import type { DatabaseSync } from 'node:sqlite';
import type { ObjectHead } from '#shared/capabilities/bucket.ts';
import { inTransaction } from './index-database.ts';

/** One file of a blob: immutable bytes under a random name. `etag` is the lower-case hex sha256 of them. */
export interface PartFile {
  readonly file: string;
  readonly sizeBytes: number;
  readonly etag: string;
}

/** An object version and the blob that holds its bytes. */
export interface StoredVersion extends ObjectHead {
  readonly bucket: string;
  readonly blob: string;
}

/** Told to the host when an object appears; a host that died before it could record it is told again. */
export interface ObjectCreated {
  readonly bucket: string;
  readonly key: string;
  readonly sizeBytes: number;
  readonly version: string;
  readonly etag: string;
}

type Row = Readonly<Record<string, unknown>>;

const toVersion = (row: Row): StoredVersion => ({
  bucket: String(row.bucket),
  key: String(row.key),
  version: String(row.version),
  blob: String(row.blob),
  sizeBytes: Number(row.size_bytes),
  etag: String(row.etag),
});

const toPart = (row: Row): PartFile => ({
  file: String(row.file),
  sizeBytes: Number(row.size_bytes),
  etag: String(row.etag),
});

/** Which object versions there are; every change is durable when its method returns. */
export class ObjectIndex {
  readonly #database: DatabaseSync;
  readonly #sql;

  constructor(database: DatabaseSync) {
    this.#database = database;
    const one = (sql: string) => database.prepare(sql);
    this.#sql = {
      latest: one('SELECT * FROM versions WHERE bucket = ? AND key = ? AND retired_at_ms IS NULL'),
      version: one('SELECT * FROM versions WHERE bucket = ? AND key = ? AND version = ?'),
      list: one(
        'SELECT * FROM versions WHERE bucket = ? AND key > ? AND key >= ? AND key < ? AND retired_at_ms IS NULL ORDER BY key LIMIT ?',
      ),
      retire: one(
        'UPDATE versions SET retired_at_ms = ? WHERE bucket = ? AND key = ? AND retired_at_ms IS NULL',
      ),
      insert: one('INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, NULL, 0, ?)'),
      expired: one(
        'SELECT key FROM versions WHERE bucket = ? AND created_at_ms <= ? AND key >= ? AND key < ? AND retired_at_ms IS NULL ORDER BY created_at_ms LIMIT ?',
      ),
      parts: one('SELECT * FROM parts WHERE blob = ? ORDER BY number'),
      insertPart: one('INSERT INTO parts VALUES (?, ?, ?, ?, ?)'),
      removeParts: one('DELETE FROM parts WHERE blob = ?'),
      partOfFile: one('SELECT 1 FROM parts WHERE file = ?'),
      told: one('UPDATE versions SET told = 1 WHERE bucket = ? AND key = ? AND version = ?'),
      untold: one('SELECT * FROM versions WHERE told = 0 ORDER BY bucket, key, version'),
      retired: one('SELECT * FROM versions WHERE retired_at_ms <= ? AND told = 1 LIMIT ?'),
      forget: one('DELETE FROM versions WHERE bucket = ? AND key = ? AND version = ?'),
      sharers: one('SELECT 1 FROM versions WHERE blob = ? LIMIT 1'),
    };
  }

  latest(bucket: string, key: string): StoredVersion | undefined {
    const row = this.#sql.latest.get(bucket, key);
    return row && toVersion(row);
  }

  version(bucket: string, key: string, version: string): StoredVersion | undefined {
    const row = this.#sql.version.get(bucket, key, version);
    return row && toVersion(row);
  }

  /** Latest versions with `prefix` after the key `after` (or from the first, for an empty one), in order of key. */
  list(bucket: string, prefix: string, after: string, limit: number): StoredVersion[] {
    // Every character of a key sorts before U+007F, so this bounds the keys that begin with the prefix.
    return this.#sql.list.all(bucket, after, prefix, `${prefix}\x7f`, limit).map(toVersion);
  }

  /** Makes `object` the latest version of its key; `files` are those of a blob that is new, none for one already known. */
  publish(object: StoredVersion, files: readonly PartFile[], atMs: number): void {
    const { bucket, key, version, blob, sizeBytes, etag } = object;
    inTransaction(this.#database, () => {
      files.forEach((part, at) => {
        this.#sql.insertPart.run(blob, at + 1, part.file, part.sizeBytes, part.etag);
      });
      this.insertLatest({ bucket, key, version, blob, sizeBytes, etag }, atMs);
    });
  }

  /** Part of a transaction of the caller: as `publish`, for a blob whose files are known. */
  insertLatest(object: StoredVersion, atMs: number): void {
    this.#sql.retire.run(atMs, object.bucket, object.key);
    this.#sql.insert.run(
      object.bucket,
      object.key,
      object.version,
      object.blob,
      object.sizeBytes,
      object.etag,
      atMs,
    );
  }

  /** Retires up to `limit` objects of a bucket that came at `untilMs` or before, by a prefix of their keys; answers how many. */
  retireExpired(
    {
      bucket,
      prefix,
      untilMs,
    }: { readonly bucket: string; readonly prefix: string; readonly untilMs: number },
    limit: number,
    atMs: number,
  ): number {
    return inTransaction(this.#database, () => {
      const expired = this.#sql.expired.all(bucket, untilMs, prefix, `${prefix}\x7f`, limit);
      for (const { key } of expired) this.retire(bucket, String(key), atMs);
      return expired.length;
    });
  }

  /** The key has no latest version any more. */
  retire(bucket: string, key: string, atMs: number): void {
    this.#sql.retire.run(atMs, bucket, key);
  }

  /** The files of a blob, in order of their part numbers. */
  files(blob: string): PartFile[] {
    return this.#sql.parts.all(blob).map(toPart);
  }

  ownsFile(file: string): boolean {
    return this.#sql.partOfFile.get(file) !== undefined;
  }

  /** Versions whose creation has not been recorded, as far as is known. */
  untold(): StoredVersion[] {
    return this.#sql.untold.all().map(toVersion);
  }

  markTold(object: ObjectCreated): void {
    this.#sql.told.run(object.bucket, object.key, object.version);
  }

  /** Forgets up to `limit` versions that retired at `untilMs` or before; answers the files that no version names now. */
  forgetRetired(
    untilMs: number,
    limit: number,
  ): { versions: number; files: [bucket: string, file: string][] } {
    return inTransaction(this.#database, () => {
      const versions = this.#sql.retired.all(untilMs, limit).map(toVersion);
      const files: [string, string][] = [];
      for (const { bucket, key, version, blob } of versions) {
        this.#sql.forget.run(bucket, key, version);
        if (this.#sql.sharers.get(blob) !== undefined) continue;
        for (const part of this.files(blob)) files.push([bucket, part.file]);
        this.#sql.removeParts.run(blob);
      }
      return { versions: versions.length, files };
    });
  }
}
