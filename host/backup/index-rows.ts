import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** A file that the index of the buckets names. */
export interface NamedFile {
  readonly bucket: string;
  readonly file: string;
  readonly sizeBytes: number;
  /** Lower-case hex sha256 of its bytes. */
  readonly etag: string;
}

/** Where that file is in the directory of all buckets. */
export const fileIn = (buckets: string, { bucket, file }: Pick<NamedFile, 'bucket' | 'file'>): string =>
  path.join(buckets, bucket, file.slice(0, 2), file);

/** A file of an upload that is not complete belongs to the bucket of the upload. */
const NAMED_FILES = `
  SELECT file, size_bytes AS sizeBytes, etag, coalesce(
    (SELECT bucket FROM versions WHERE versions.blob = parts.blob LIMIT 1),
    (SELECT bucket FROM uploads WHERE uploads.upload_id = parts.blob)) AS bucket
  FROM parts ORDER BY file`;

/** An object whose files do not add up to what its row says. */
const INCOMPLETE = `
  SELECT bucket, key FROM versions
  WHERE size_bytes <> coalesce((SELECT sum(size_bytes) FROM parts WHERE parts.blob = versions.blob), 0) LIMIT 1`;

/** The files that the index names, by the bucket whose folder they are in. */
export function namedFiles(index: DatabaseSync): NamedFile[] {
  return index
    .prepare(NAMED_FILES)
    .all()
    .map(({ bucket, file, sizeBytes, etag }) => ({
      bucket: String(bucket),
      file: String(file),
      sizeBytes: Number(sizeBytes),
      etag: String(etag),
    }));
}

/** `bucket/key` of an object that lacks bytes by what the index itself says; none where all are whole. */
export function incompleteObject(index: DatabaseSync): string | undefined {
  const found = index.prepare(INCOMPLETE).get();
  return found && `${found.bucket}/${found.key}`;
}

/** The versions whose creation is recorded in the database, by their ids. */
export function toldVersions(index: DatabaseSync): Set<string> {
  const rows = index.prepare('SELECT version FROM versions WHERE told = 1').all();
  return new Set(rows.map(({ version }) => String(version)));
}

/**
 * Makes a host that starts on this index tell again of every object but those. What the host recorded of the others may be missing in a
 * copy of the database that is older than the copy of the index.
 */
export function tellAgainOfAllBut(indexPath: string, told: ReadonlySet<string>): void {
  const index = new DatabaseSync(indexPath);
  try {
    const again = [...toldVersions(index)].filter((version) => !told.has(version));
    index.exec('BEGIN');
    const tellAgain = index.prepare('UPDATE versions SET told = 0 WHERE version = ?');
    for (const version of again) tellAgain.run(version);
    index.exec('COMMIT');
  } finally {
    index.close();
  }
}
