import path from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { failureText } from '#shared/program/failure-text.ts';
import { parseOptions } from '#shared/program/parse-options.ts';
import { printableJson } from '#shared/program/printable-line.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { existingDataDirectory } from './files/data-directory.ts';
import {
  checkDatabaseServed,
  checkDatabaseThere,
  checkLogThere,
  noteEndInOrder,
} from './files/whole-directory.ts';
import { stageOf } from './serve/stage-name.ts';
import { readServices } from './serverless/read-services.ts';
import type { EmbeddedQueue } from './store/embedded-queue.ts';
import { EmbeddedStore } from './store/embedded-store.ts';
import { type Letter, Letters } from './store/letters.ts';
import { openForReading } from './store/open-for-reading.ts';
import { pathIn } from './store/open-sqlite.ts';
import type { QueueDefinition } from './store/queue-definition.ts';

const HELP = `Shows what could not be handled after all tries, sends it back once its cause is mended, or removes it.

  npm run dead-letters -- [options]

  --data DIR        the host's data (./data)
  --show QUEUE      the letters of one queue, the oldest first, a line of JSON each
  --redrive QUEUE   sends them back to the queues that they came from, while the host is stopped: the next start delivers them
  --remove QUEUE    removes letters for good, while the host is stopped, and prints them: the only copy that is left
  --letter ID[,ID]  with --remove: which ones, by the messageId that --show prints
  --stage NAME      the host's stage (home)
  --json            the list as JSON
  --help            this text

A letter that no queue delivered (an event of the bus, a batch of a change stream) has nowhere to go back to and stays.
Exit code 1 where letters stay and none was sent back, and where one that was to be removed is not there.
`;

const ROOT = path.resolve(import.meta.dirname, '..');
const FAILED = 1;

/** One dead-letter queue of the list. */
interface Listed {
  readonly queue: string;
  readonly letters: number;
  /** When the oldest was sent first; absent where there is none. */
  readonly oldestSentAt?: string;
}

async function main(): Promise<void> {
  const { values } = parseOptions({
    options: {
      data: { type: 'string', default: 'data' },
      stage: { type: 'string', default: 'home' },
      show: { type: 'string' },
      redrive: { type: 'string' },
      remove: { type: 'string' },
      letter: { type: 'string', multiple: true },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const stage = stageOf(values.stage);
  const directory = existingDataDirectory(values.data);
  const queues = queuesOf(stage);
  const { redrive: redriven, remove: removed, letter } = values;
  if ((removed === undefined) !== (letter === undefined))
    throw new ConfigurationError('--remove QUEUE and --letter ID go together: --show QUEUE prints the ids');
  if (redriven !== undefined && removed !== undefined)
    throw new ConfigurationError('give --redrive or --remove, not both');
  if (redriven !== undefined)
    return withQueue(directory, queues, redriven, (queue, store) => redrive(redriven, queue, store));
  if (removed !== undefined && letter !== undefined) {
    const ids = idsOf(letter);
    return withQueue(directory, queues, removed, (queue) => remove(removed, queue, ids));
  }
  using sqlite = openForReading(pathIn(directory));
  const shown = values.show === undefined ? undefined : named(queues, values.show);
  if (shown === undefined) list(sqlite, queues, values.json);
  else show(new Letters(sqlite, shown.name));
}

/** All queues of the services, and those that letters go to by their name without the stage. */
interface Queues {
  readonly all: readonly QueueDefinition[];
  readonly dead: ReadonlyMap<string, QueueDefinition>;
}

function queuesOf(stage: string): Queues {
  const { platform, services } = readServices({ root: ROOT, stage });
  const all = [platform, ...services].flatMap(({ queues }) => queues);
  const prefix = `evenkeel-${stage}-`;
  const dead = all.filter(({ redrive: isDelivered }) => isDelivered === undefined);
  return { all, dead: new Map(dead.map((one) => [one.name.replace(prefix, ''), one] as const)) };
}

/** Throws `ConfigurationError` that names those that there are. */
function named({ dead }: Queues, name: string): QueueDefinition {
  const found = dead.get(name);
  if (found !== undefined) return found;
  throw new ConfigurationError(
    `there is no dead-letter queue ${name}; there are ${[...dead.keys()].join(', ')}`,
  );
}

function list(sqlite: DatabaseSync, { dead }: Queues, asJson: boolean): void {
  const listed: Listed[] = [];
  for (const [queue, { name }] of dead) {
    const { letters, oldestSentAtMs } = new Letters(sqlite, name).count();
    listed.push({
      queue,
      letters,
      ...(oldestSentAtMs !== undefined && { oldestSentAt: new Date(oldestSentAtMs).toISOString() }),
    });
  }
  if (asJson) {
    process.stdout.write(`${JSON.stringify(listed)}\n`);
    return;
  }
  const width = Math.max(...listed.map(({ queue }) => queue.length));
  for (const { queue, letters, oldestSentAt = '' } of listed)
    process.stdout.write(
      `${`${queue.padEnd(width)}  ${`${letters}`.padStart(6)}  ${oldestSentAt}`.trimEnd()}\n`,
    );
}

function show(letters: Letters): void {
  for (const letter of letters.all()) print(letter);
}

function print({ messageId, sentAtMs, body }: Letter): void {
  process.stdout.write(`${printableJson({ messageId, sentAt: new Date(sentAtMs).toISOString(), body })}\n`);
}

/**
 * Does `work` with a dead-letter queue. Needs the directory for itself, and whole: throws `ConfigurationError` while a host runs, and for what
 * no host would start on.
 */
async function withQueue(
  directory: string,
  queues: Queues,
  name: string,
  work: (queue: EmbeddedQueue, store: EmbeddedStore) => Promise<void>,
): Promise<void> {
  const definition = named(queues, name);
  const onFatal = (error: unknown) => {
    throw error;
  };
  // Opened, the log of a host that was killed is taken into the database: what a start would refuse must be refused before.
  checkDatabaseThere(directory);
  const warnings = checkLogThere(directory);
  const store = new EmbeddedStore({ directory, world: realWorld, onFatal });
  try {
    checkDatabaseServed(directory, (table) => store.hasTable(table));
    for (const warning of warnings) process.stderr.write(`evenkeel: WARNING: ${warning}\n`);
    // Opened before the queues that name it, like the other dead-letter queues.
    const queue = store.queue(definition);
    const others = [...queues.dead.values()].filter((one) => one !== definition);
    const sources = queues.all.filter(({ redrive: isDelivered }) => isDelivered !== undefined);
    for (const one of [...others, ...sources]) store.queue(one);
    await work(queue, store);
    // Its log goes with this close, and a start would miss it.
    await noteEndInOrder(directory);
  } finally {
    store.close();
  }
}

async function redrive(name: string, queue: EmbeddedQueue, store: EmbeddedStore): Promise<void> {
  const sent = await store.redrive(queue);
  const { messages: left } = await queue.unread();
  process.stdout.write(redriveText(name, sent, left));
  if (sent === 0 && left > 0) process.exitCode = FAILED;
}

/** Ids of letters as `--show` prints them. Throws `ConfigurationError` for a word that is none. */
function idsOf(words: readonly string[]): readonly number[] {
  return words
    .join(',')
    .split(',')
    .map((word) => {
      if (/^\d{1,16}$/.test(word)) return Number(word);
      throw new ConfigurationError('--letter must be a messageId as --show QUEUE prints it');
    });
}

async function remove(name: string, queue: EmbeddedQueue, ids: readonly number[]): Promise<void> {
  const removed = await queue.discard([...new Set(ids)]);
  for (const { id, sentAtMs, body } of removed) print({ messageId: String(id), sentAtMs, body });
  process.stderr.write(`${name}: ${removed.length} removed\n`);
  const missing = ids.filter((id) => removed.every((one) => one.id !== id));
  if (missing.length === 0) return;
  process.stderr.write(`${name}: ${missing.join(', ')} is not there\n`);
  process.exitCode = FAILED;
}

function redriveText(name: string, sent: number, left: number): string {
  if (sent === 0 && left === 0) return `${name}: no letters\n`;
  const lines = [
    sent > 0 && `${sent} sent back; npm start delivers what was sent back`,
    left > 0 &&
      `${left} stay: they have no queue to go back to; look at them with --show ${name}, and see "Dead-letter queues" in docs/operations.md`,
  ];
  return lines
    .filter((line) => line !== false)
    .map((line) => `${name}: ${line}\n`)
    .join('');
}

main().catch((error: unknown) => {
  process.stderr.write(failureText('evenkeel', error));
  process.exitCode = FAILED;
});
