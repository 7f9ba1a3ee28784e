import path from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { failureText } from '#shared/program/failure-text.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { existingDataDirectory } from './files/data-directory.ts';
import { readServices } from './serverless/read-services.ts';
import { stageOf } from './start-options.ts';
import type { EmbeddedQueue } from './store/embedded-queue.ts';
import { EmbeddedStore } from './store/embedded-store.ts';

const HELP = `Shows what could not be handled after all tries, and sends it back once its cause is mended.

  npm run dead-letters -- [options]           while the host is stopped

  --data DIR        the host's data (./data)
  --show QUEUE      the letters of one queue, the oldest first, a line of JSON each
  --redrive QUEUE   sends them back to the queues that they came from: the next start delivers them
  --stage NAME      the host's stage (home)
  --json            the list as JSON
  --help            this text

A letter that no queue delivered (an event of the bus, a batch of a change stream) has nowhere to go back to and stays.
`;

const ROOT = path.resolve(import.meta.dirname, '..');
const FAILED = 1;
const ALL = 100_000;

/** One dead-letter queue of the list. */
interface Listed {
  readonly queue: string;
  readonly letters: number;
  /** When the oldest was sent first; absent where there is none. */
  readonly oldestSentAt?: string;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string', default: 'data' },
      stage: { type: 'string', default: 'home' },
      show: { type: 'string' },
      redrive: { type: 'string' },
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
  const store = new EmbeddedStore({
    directory,
    world: realWorld,
    onFatal: (error) => {
      throw error;
    },
  });
  try {
    const queues = openDeadLetterQueues(store, stage);
    const named = (name: string) => queues.get(name) ?? unknownQueue(name, queues);
    if (values.redrive !== undefined) await redrive(store, values.redrive, named(values.redrive));
    else if (values.show !== undefined) await show(named(values.show));
    else await list(queues, values.json);
  } finally {
    store.close();
  }
}

/** Opens all queues of the services; those that letters go to, by their name without the stage. */
function openDeadLetterQueues(store: EmbeddedStore, stage: string): ReadonlyMap<string, EmbeddedQueue> {
  const { platform, services } = readServices({ root: ROOT, stage });
  const definitions = [platform, ...services].flatMap(({ queues }) => queues);
  const prefix = `evenkeel-${stage}-`;
  const dead = definitions.filter(({ redrive: isDelivered }) => isDelivered === undefined);
  const opened = new Map(
    dead.map((definition) => [definition.name.replace(prefix, ''), store.queue(definition)] as const),
  );
  for (const definition of definitions) if (!dead.includes(definition)) store.queue(definition);
  return opened;
}

async function list(queues: ReadonlyMap<string, EmbeddedQueue>, asJson: boolean): Promise<void> {
  const listed: Listed[] = [];
  for (const [queue, letters] of queues) {
    const { messages, oldestSentAtMs } = await letters.unread();
    listed.push({
      queue,
      letters: messages,
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

async function show(queue: EmbeddedQueue): Promise<void> {
  for (const { messageId, sentAtMs, body } of await queue.receive(ALL, 1))
    process.stdout.write(
      `${JSON.stringify({ messageId, sentAt: new Date(sentAtMs).toISOString(), body })}\n`,
    );
}

async function redrive(store: EmbeddedStore, name: string, queue: EmbeddedQueue): Promise<void> {
  const sent = await store.redrive(queue);
  const { messages: left } = await queue.unread();
  process.stdout.write(`${name}: ${sent} sent back, ${left} stay; npm start delivers what was sent back\n`);
}

function unknownQueue(name: string, queues: ReadonlyMap<string, EmbeddedQueue>): never {
  throw new ConfigurationError(
    `there is no dead-letter queue ${name}; there are ${[...queues.keys()].join(', ')}`,
  );
}

main().catch((error: unknown) => {
  process.stderr.write(failureText('evenkeel', error));
  process.exitCode = FAILED;
});
