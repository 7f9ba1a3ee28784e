import path from 'node:path';
import * as z from 'zod';
import { readIfPresent, removeIfPresent, syncDirectory, writeDurably } from '#host/files/durable-file.ts';
import { EpochMs } from '#shared/contracts/names.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';

/** Tells a backup from a directory that a host has served: see `readBackupNote`. */
export const BACKUP_NOTE = 'backup.json';

/** What a backup says of itself. */
const BackupNote = z.object({ v: z.literal(1), takenAtMs: EpochMs });
export type BackupNote = Readonly<z.infer<typeof BackupNote>>;

const noteIn = (directory: string) => path.join(directory, BACKUP_NOTE);

/** Marks a directory as a backup; the last thing that is written of it. */
export function writeBackupNote(directory: string, note: BackupNote): Promise<void> {
  return writeDurably(noteIn(directory), `${JSON.stringify(note)}\n`, { mode: 0o600 });
}

/**
 * The note of a directory that is a backup and has not been served yet. A host that starts on it knows nothing of what happened since, and
 * must say so. Throws `ConfigurationError` for a note that cannot be read.
 */
export async function readBackupNote(directory: string): Promise<BackupNote | undefined> {
  const bytes = await readIfPresent(noteIn(directory));
  if (bytes === undefined) return undefined;
  try {
    return BackupNote.parse(JSON.parse(bytes.toString()));
  } catch (error) {
    throw new ConfigurationError(`${noteIn(directory)} is no note of a backup: restore another`, {
      cause: error,
    });
  }
}

/** From here on the directory is that of a host like any other. */
export async function removeBackupNote(directory: string): Promise<void> {
  await removeIfPresent(noteIn(directory));
  await syncDirectory(directory);
}
