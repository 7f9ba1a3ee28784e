import { readBackupNote } from '../backup/backup-note.ts';
import { checkWholeCopy } from '../backup/whole-copy.ts';
import { closeToOthers } from '../files/closed-to-others.ts';
import {
  checkDatabaseServed,
  checkDatabaseThere,
  checkLogThere,
  checkPartsThere,
  noteEndInOrder,
} from '../files/whole-directory.ts';
import type { HostLog } from '../runtime/host-log.ts';
import { EmbeddedStore } from '../store/embedded-store.ts';
import { checkClock } from './clock-check.ts';
import type { ServeOptions } from './serve-options.ts';

/** The database of a data directory that may be served. */
interface HomeData {
  readonly store: EmbeddedStore;
  /** What whoever starts the host must know of the directory, one sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Opens the database of a directory that is whole and closed to others, if the clock may be right; `opened` closes it. Throws
 * `ConfigurationError` by name for what cannot be served, and when another process has the directory.
 */
export async function openData(
  { directory, world, onFatal }: Pick<ServeOptions, 'directory' | 'world' | 'onFatal'>,
  log: HostLog,
  opened: AsyncDisposableStack,
): Promise<HomeData> {
  checkClock(world.now());
  checkDatabaseThere(directory);
  const warnings = [...checkLogThere(directory)];
  const exposed = closeToOthers(directory);
  warnings.push(
    ...exposed.map(
      (key) =>
        `${key} could be read by other users of this machine; it is closed now, but who has read it has it`,
    ),
  );
  const restored = await readBackupNote(directory);
  if (restored !== undefined) warnings.push(...checkWholeCopy(directory));
  const onLongLog = (bytes: number) =>
    log.warn(
      'the log of the database grows, because somebody reads it: end a backup that hangs or is suspended',
      {
        bytes,
      },
    );
  const store = new EmbeddedStore({ directory, world, onFatal, flushesBeside: true, onLongLog });
  opened.defer(() => store.close());
  const isLaidOut = (table: string) => store.hasTable(table);
  checkDatabaseServed(directory, isLaidOut);
  // Left by a host that died. Its log is the store's from here on, and goes with it where this start is refused for something else.
  await noteEndInOrder(directory);
  checkPartsThere(directory, isLaidOut);
  return { store, warnings };
}
