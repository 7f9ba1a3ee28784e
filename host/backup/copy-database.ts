import { closeSync, fdatasyncSync, openSync } from 'node:fs';
import { backup, type DatabaseSync } from 'node:sqlite';

/** A megabyte: so much is copied between two looks at how far it is. */
const STEP_PAGES = 128;
/**
 * What was copied is flushed each eight megabytes. All at once at the end, the flush of a host's commit beside it would wait for the whole
 * copy to reach the disk: half a second for 200 MB.
 */
const STEPS_A_FLUSH = 8;

/** Told how many bytes of the database are copied so far, and of how many. */
export type OnCopied = (copiedBytes: number, ofBytes: number) => void;

/**
 * Copies a database that others may write meanwhile to a new file at `to`, as it is now, and answers once the copy is on disk.
 *
 * One read transaction lasts from beginning to end. Without it sqlite begins the copy anew at each write of another connection
 * (sqlite.org/c3ref/backup_finish.html), and beside a busy host it would never end.
 */
export async function copyDatabase(
  from: DatabaseSync,
  to: string,
  onCopied: OnCopied = () => undefined,
): Promise<void> {
  const pageBytes = Number(from.prepare('PRAGMA page_size').get()?.page_size);
  let copy: number | undefined;
  let steps = 0;
  from.exec('BEGIN');
  try {
    // A transaction takes its view of the database with the first read.
    from.prepare('SELECT count(*) FROM sqlite_schema').get();
    await backup(from, to, {
      rate: STEP_PAGES,
      progress: ({ totalPages, remainingPages }) => {
        onCopied((totalPages - remainingPages) * pageBytes, totalPages * pageBytes);
        if (++steps % STEPS_A_FLUSH !== 0) return;
        copy ??= openSync(to, 'r+');
        fdatasyncSync(copy);
      },
    });
  } finally {
    from.exec('ROLLBACK');
    if (copy !== undefined) closeSync(copy);
  }
}
