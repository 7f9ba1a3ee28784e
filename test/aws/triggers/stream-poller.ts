import {
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  type GetRecordsCommandOutput,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { compilePattern } from '#host/events/pattern.ts';
import { DELIVERY_BACKOFF } from '#host/runtime/delivery-backoff.ts';
import type { HostLog } from '#host/runtime/host-log.ts';
import type { Invocable } from '#host/runtime/invocable.ts';
import type { Trigger } from '#host/runtime/triggers/trigger.ts';
import { backoffMs } from '#shared/retry/backoff.ts';
import { pause, type World } from '#shared/world/world.ts';
import type { StreamMapping } from '../stacks/read-triggers.ts';
import { recordOnWire, type WireRecord } from './stream-record.ts';

/** Which stream is read, and who gets its records. */
export interface StreamPollerParts {
  /** Acts in the role of the function that is fed. */
  readonly client: DynamoDBStreamsClient;
  readonly pool: Invocable;
  readonly mapping: StreamMapping;
  /** How long a minute of a batching window lasts, in seconds. */
  readonly minuteSeconds: number;
  readonly world: World;
  readonly log: HostLog;
}

/** Lambda polls each shard so often. */
const POLL_MS = 250;
/** After a poll that failed. */
const AGAIN_MS = 1_000;

/**
 * The change stream of a table -> function, as Lambda's event source mapping: in order, one batch at a time, the same batch again
 * until it succeeds.
 */
export class StreamPoller implements Trigger {
  readonly name: string;
  readonly #parts: StreamPollerParts;
  readonly #filters: readonly ((record: unknown) => boolean)[];
  #polling: Promise<void> = Promise.resolve();
  #isDelivering = false;
  #isStopped = false;

  constructor(parts: StreamPollerParts) {
    this.#parts = parts;
    this.name = `${parts.mapping.sourceArn} -> ${parts.pool.name}`;
    this.#filters = parts.mapping.filterPatterns.map(compilePattern);
  }

  get isBusy(): boolean {
    return this.#isDelivering;
  }

  start(): void {
    const { log } = this.#parts;
    this.#polling = this.#poll().catch((error: unknown) =>
      log.error('a stream could not be read', error, { trigger: this.name }),
    );
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#polling;
  }

  async #poll(): Promise<void> {
    const { client, mapping } = this.#parts;
    const StreamArn = mapping.sourceArn;
    const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamArn }));
    const shards = StreamDescription?.Shards ?? [];
    await Promise.all(
      shards.map(async ({ ShardId = '' }) => {
        const request = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
        const { ShardIterator } = await client.send(new GetShardIteratorCommand(request));
        await this.#pollShard(ShardIterator);
      }),
    );
  }

  async #pollShard(first: string | undefined): Promise<void> {
    const { mapping, minuteSeconds, world } = this.#parts;
    const windowMs = (mapping.batchingWindowSeconds / 60) * minuteSeconds * 1000;
    const gathered: WireRecord[] = [];
    let untilMs = 0;
    let iterator = first;
    while (iterator !== undefined && !this.#isStopped) {
      const page = await this.#page(iterator);
      if (page === undefined) continue;
      const { Records = [], NextShardIterator } = page;
      iterator = NextShardIterator;
      const records = Records.map((record) => recordOnWire(record, mapping.sourceArn));
      const wanted = records.filter((record) => this.#isWanted(record));
      if (wanted.length > 0 && gathered.length === 0) untilMs = world.monotonicMs() + windowMs;
      gathered.push(...wanted);
      const isDue = gathered.length >= mapping.batchSize || world.monotonicMs() >= untilMs;
      while (isDue && gathered.length > 0) await this.#deliver(gathered.splice(0, mapping.batchSize));
      if (Records.length === 0) await pause(world, POLL_MS);
    }
  }

  /** The next records; `undefined`, after a while, when they could not be had: the same are asked for again. */
  async #page(iterator: string): Promise<GetRecordsCommandOutput | undefined> {
    const { client, world, log } = this.#parts;
    try {
      return await client.send(new GetRecordsCommand({ ShardIterator: iterator }));
    } catch (error) {
      log.error('a stream could not be read', error, { trigger: this.name });
      await pause(world, AGAIN_MS);
      return undefined;
    }
  }

  #isWanted(record: WireRecord): boolean {
    return this.#filters.length === 0 || this.#filters.some((matches) => matches(record));
  }

  /** Delivers until all is done: what comes again begins at the first record that the function says has failed. */
  async #deliver(batch: readonly WireRecord[]): Promise<void> {
    const { pool, mapping, world, log } = this.#parts;
    this.#isDelivering = true;
    let left = batch;
    for (let attempt = 0; left.length > 0 && !this.#isStopped; attempt += 1) {
      try {
        const answer = await pool.invoke({ Records: left });
        left = mapping.reportsItemFailures ? fromFirstFailed(answer, left) : [];
      } catch (error) {
        log.error('a stream batch failed', error, { trigger: this.name, attempt });
      }
      if (left.length > 0) await pause(world, backoffMs(attempt, DELIVERY_BACKOFF, world));
    }
    this.#isDelivering = false;
  }
}

/** `ReportBatchItemFailures` of a stream: the sequence number of the first record that failed. */
function fromFirstFailed(answer: unknown, batch: readonly WireRecord[]): readonly WireRecord[] {
  const { batchItemFailures = [] } = (answer ?? {}) as {
    readonly batchItemFailures?: readonly { readonly itemIdentifier: string }[];
  };
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  if (failed.size === 0) return [];
  const first = batch.findIndex(({ dynamodb }) => failed.has(String(dynamodb.SequenceNumber)));
  return first < 0 ? batch : batch.slice(first);
}
