import { stat, statfs } from 'node:fs/promises';
import type { monitorEventLoopDelay } from 'node:perf_hooks';
import { pathIn } from '#host/store/open-sqlite.ts';
import type { Backlog } from '#shared/capabilities/backlog.ts';
import type { Host } from '../host.ts';
import { certificateFamily, type Ending, tokenFamily } from './endings.ts';
import type { Family, Sample } from './exposition.ts';

/** A queue under the name that people know it by. */
export interface NamedQueue {
  readonly name: string;
  readonly backlog: Backlog;
  /** Nobody reads it but people. */
  readonly isForDeadLetters: boolean;
}

/** What there is to be read of a host. */
export interface Sources extends Ending {
  readonly host: Pick<Host, 'functions' | 'invokers' | 'triggers'>;
  readonly queues: readonly NamedQueue[];
  /** Counters that must not rise: shown from the start, and not only once they have. */
  readonly counters: readonly string[];
  readonly broker: { readonly connections: number };
  readonly mostDevices: number;
  /** The data directory. */
  readonly directory: string;
  /** Delays of the event loop in nanoseconds, since the last reading. */
  readonly delays: ReturnType<typeof monitorEventLoopDelay>;
}

/** The histogram of delays looks so often, and counts the rest in between as delay. */
export const DELAY_RESTS_MS = 10;

/** Reads everything as it is at this moment. */
export async function readingsOf(sources: Sources): Promise<Family[]> {
  const [queues, disk, tokens] = await Promise.all([
    queueFamilies(sources),
    diskFamilies(sources),
    tokenFamily(sources),
  ]);
  return [
    gauge('evenkeel_devices_connected', 'Devices that are connected.', sources.broker.connections),
    gauge('evenkeel_devices_connected_limit', 'Devices that may be connected at once.', sources.mostDevices),
    ...queues,
    certificateFamily(sources),
    tokens,
    ...functionFamilies(sources),
    streamFamily(sources),
    ...disk,
    ...processFamilies(sources),
  ];
}

async function queueFamilies({ queues }: Sources): Promise<Family[]> {
  const unread = await Promise.all(
    queues.map(async (queue) => ({ ...queue, ...(await queue.backlog.unread()) })),
  );
  const read = unread.filter(({ isForDeadLetters }) => !isForDeadLetters);
  const dead = unread.filter(({ isForDeadLetters }) => isForDeadLetters);
  const of = ({ name }: NamedQueue, value: number): Sample => ({ value, labels: { queue: name } });
  return [
    {
      name: 'evenkeel_queue_messages',
      type: 'gauge',
      help: 'Messages that are not dealt with.',
      samples: read.map((one) => of(one, one.messages)),
    },
    {
      name: 'evenkeel_queue_oldest_seconds',
      type: 'gauge',
      help: 'How long the oldest of them has waited.',
      samples: read.map((one) => of(one, (one.oldestAgeMs ?? 0) / 1000)),
    },
    {
      name: 'evenkeel_dead_letters',
      type: 'gauge',
      help: 'Messages that could not be dealt with after all tries: npm run dead-letters.',
      samples: dead.map((one) => of(one, one.messages)),
    },
  ];
}

function functionFamilies({ host: { functions, invokers }, counters }: Sources): Family[] {
  const each = functions.pools.map(({ name, busy, tally }) => ({ labels: { function: name }, busy, tally }));
  const counted = { ...Object.fromEntries(counters.map((name) => [name, 0])), ...functions.metrics };
  return [
    {
      name: 'evenkeel_function_invocations_total',
      type: 'counter',
      help: 'Invocations that have ended.',
      samples: each.map(({ labels, tally }) => ({ labels, value: tally.invocations })),
    },
    {
      name: 'evenkeel_function_failures_total',
      type: 'counter',
      help: 'Of those, the ones that threw or ran out of time; most are tried again.',
      samples: each.map(({ labels, tally }) => ({ labels, value: tally.failures })),
    },
    {
      name: 'evenkeel_function_seconds_total',
      type: 'counter',
      help: 'How long they took, waiting included.',
      samples: each.map(({ labels, tally }) => ({ labels, value: tally.durationMs / 1000 })),
    },
    {
      name: 'evenkeel_function_busy',
      type: 'gauge',
      help: 'Invocations that run or wait to run.',
      samples: each.map(({ labels, busy }) => ({ labels, value: busy })),
    },
    {
      name: 'evenkeel_function_events_dropped_total',
      type: 'counter',
      help: 'Messages of devices that were never looked at: too many waited, or for too long.',
      samples: invokers.map(({ name, dropped }) => ({ labels: { function: name }, value: dropped })),
    },
    {
      name: 'evenkeel_function_events_beyond_share_total',
      type: 'counter',
      help: 'Messages that were never looked at because their device had eight waiting.',
      samples: invokers.map(({ name, beyondShare }) => ({ labels: { function: name }, value: beyondShare })),
    },
    {
      name: 'evenkeel_counted_total',
      type: 'counter',
      help: 'What functions count, by the names of the metrics on AWS (docs/alarms.md).',
      samples: Object.entries(counted).map(([what, value]) => ({ labels: { what }, value })),
    },
  ];
}

const streamFamily = ({ host: { triggers } }: Sources): Family => ({
  name: 'evenkeel_stream_oldest_seconds',
  type: 'gauge',
  help: 'How long the oldest change that a function behind a table has to deal with has waited.',
  samples: triggers.streams.map(({ functionName, oldestAgeMs }) => ({
    labels: { function: functionName },
    value: oldestAgeMs / 1000,
  })),
});

async function diskFamilies({ directory }: Sources): Promise<Family[]> {
  const database = pathIn(directory);
  const [main, log, disk] = await Promise.all([
    sizeOf(database),
    sizeOf(`${database}-wal`),
    statfs(directory),
  ]);
  return [
    gauge('evenkeel_database_bytes', 'Size of the database.', main),
    gauge('evenkeel_database_log_bytes', 'Size of its write-ahead log.', log),
    gauge('evenkeel_disk_free_bytes', 'Room on the disk that it lies on.', disk.bavail * disk.bsize),
  ];
}

const sizeOf = async (file: string): Promise<number> => (await stat(file)).size;

function processFamilies({ delays }: Sources): Family[] {
  const { user, system } = process.cpuUsage();
  const seconds = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - DELAY_RESTS_MS / 1000);
  const samples = [
    { labels: { quantile: '0.5' }, value: seconds(delays.percentile(50)) },
    { labels: { quantile: '0.99' }, value: seconds(delays.percentile(99)) },
    { labels: { quantile: '1' }, value: seconds(delays.max) },
  ];
  delays.reset();
  return [
    {
      name: 'evenkeel_event_loop_delay_seconds',
      type: 'gauge',
      help: 'How late the event loop came since the last reading.',
      samples,
    },
    {
      name: 'process_cpu_seconds_total',
      type: 'counter',
      help: 'Processor time of the host, user and system.',
      samples: [{ value: (user + system) / 1e6 }],
    },
    gauge('process_resident_memory_bytes', 'Memory of the host.', process.memoryUsage.rss()),
    gauge(
      'process_start_time_seconds',
      'When the host was started, since 1970.',
      Math.round(performance.timeOrigin) / 1000,
    ),
  ];
}

const gauge = (name: string, help: string, value: number): Family => ({
  name,
  type: 'gauge',
  help,
  samples: [{ value }],
});
