import { constants, setPriority } from 'node:os';
import path from 'node:path';
import { types } from 'node:util';
import { ConfigurationError, EvenkeelError } from '#shared/errors/errors.ts';
import { failureText } from '#shared/program/failure-text.ts';
import { parseOptions } from '#shared/program/parse-options.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { isServed } from './backup/is-served.ts';
import { NewDirectory } from './backup/new-directory.ts';
import { type OnProgress, takeBackup } from './backup/take-backup.ts';
import { existingDataDirectory } from './files/data-directory.ts';

const HELP = `Copies everything that a host keeps, while it serves or while it is stopped, as it is at one moment.

  npm run backup -- --to FOLDER [options]

  --to FOLDER       a new folder (or an empty one) for the copy; it is there once all is copied, checked and on disk
  --data DIR        the host's data (./data)
  --json            what was copied as JSON
  --help            this text

The copy holds the database, firmware, the raw report log, and secrets and keys: whoever has it can speak for your backend.
Guard it. Not in it: log lines, and uploads of which no part has arrived whole yet. Standard error says where no host
serves from DIR: it may be the wrong one.

The host goes on meanwhile. Its write-ahead log grows as long as its database is read, and is cut afterwards: ctrl-z stops this
command as ctrl-c does.

To restore, put a copy of the folder in the place of the data directory, and start the host. Rollouts that ran are paused then,
because nobody knows what happened since: see "Backup and restoring" in docs/operations.md.
`;

const FAILED = 1;
const PROGRESS_EVERY_MS = 1_000;
const MEGABYTE = 1_000_000;

async function main(): Promise<void> {
  const { values } = parseOptions({
    options: {
      data: { type: 'string', default: 'data' },
      to: { type: 'string', default: '' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const directory = existingDataDirectory(values.data);
  if (values.to === '') throw new ConfigurationError('--to must name a folder for the copy');
  // A host that serves goes first.
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  const wasServed = await isServed(directory);
  const beganMs = realWorld.monotonicMs();
  const made = NewDirectory.begin(path.resolve(values.to), { outside: directory });
  abandonOnSignal(made);
  try {
    const taken = await takeBackup({ directory, to: made.path, world: realWorld, onProgress: progress() });
    await made.finish();
    const seconds = Number(((realWorld.monotonicMs() - beganMs) / 1000).toFixed(1));
    const { files, bytes } = taken;
    const takenAt = new Date(taken.takenAtMs).toISOString();
    process.stdout.write(
      values.json
        ? `${JSON.stringify({ folder: made.target, takenAt, files, bytes, seconds })}\n`
        : `evenkeel: ${files} files, ${(bytes / MEGABYTE).toFixed(1)} MB in ${seconds} s, checked; as of ${takenAt} in ${made.target}\n`,
    );
    if (!wasServed) process.stderr.write(unservedText(directory));
  } catch (error) {
    made.abandon();
    throw forPeople(error, made.target);
  }
}

/** A schedule that still names the directory of before a restore would make old copies for ever, and look well. */
const unservedText = (directory: string): string =>
  `evenkeel: NOTE: no host serves from ${directory}: this is a copy of what the last one left; if another one serves, name its --data\n`;

/** What sqlite and the file system say of a disk that is full or fails does not say what to do. */
function forPeople(error: unknown, target: string): unknown {
  if (error instanceof EvenkeelError || !types.isNativeError(error) || !('code' in error)) return error;
  const cause = `no copy could be made: ${error.message}`;
  return new ConfigurationError(`${cause}; make room in ${path.dirname(target)} or name another folder`, {
    cause: error,
  });
}

/** Says on standard error how far it is, once a second. */
function progress(): OnProgress {
  let saidMs = realWorld.monotonicMs();
  return (what, copiedBytes, ofBytes) => {
    const nowMs = realWorld.monotonicMs();
    if (nowMs - saidMs < PROGRESS_EVERY_MS) return;
    saidMs = nowMs;
    const [copied, of] = [copiedBytes, ofBytes].map((bytes) => Math.ceil(bytes / MEGABYTE));
    process.stderr.write(`evenkeel: ${what} ${copied} of ${of} MB\n`);
  };
}

/** Suspended, it would keep the host's log from beginning anew until the disk is full, which is the host's end. */
function abandonOnSignal(made: NewDirectory): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGTSTP'] as const) {
    process.once(signal, () => {
      made.abandon();
      const why = signal === 'SIGTSTP' ? ', because the log of the host grows while it waits' : '';
      process.stderr.write(`evenkeel: stopped${why}; there is no backup\n`);
      process.exit(FAILED);
    });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(failureText('evenkeel', error));
  process.exitCode = FAILED;
});
