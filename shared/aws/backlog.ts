import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Backlog, Unread } from '#shared/capabilities/backlog.ts';
import type { AwsSource } from '#shared/capabilities/home.ts';
import { UnknownOutcomeError } from '#shared/errors/errors.ts';
import type { World } from '#shared/world/world.ts';
import { calling } from './aws-error.ts';
import { CLIENT_SETTINGS } from './client-settings.ts';
import { newSqsClient } from './queue.ts';

/** The counts of a queue are right at the latest a minute after its senders fell silent (SQS, GetQueueAttributes). */
const COUNTS_LAG_MS = 60_000;
const COUNTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;
type Counts = [waiting: number, inFlight: number, delayed: number];

/** SQS tells CloudWatch once a minute; the age counts in whole seconds. */
const METRIC_PERIOD_SECONDS = 60;
const METRIC_ROUNDING_MS = 1_000;
/** An age that was seen longer ago says nothing of whether the queue is read now. */
const METRIC_FRESH_MS = 600_000;
/** There is nothing new to ask for so often within a minute. */
const METRIC_KEPT_MS = 20_000;

/** What the backlog of an SQS queue is seen by. */
export interface SqsBacklogParts {
  readonly sqs: SQSClient;
  readonly cloudWatch: CloudWatchClient;
  readonly url: string;
  readonly world: Pick<World, 'now'>;
  /** How old the counts may be; 0 for a queue that counts exactly. */
  readonly countsLagMs: number;
}

const newCloudWatchClient = () => new CloudWatchClient(CLIENT_SETTINGS);

/** The backlog of the queue whose URL the variable holds. */
export function open({ resource, share, world }: AwsSource): Backlog {
  const clients = { sqs: share(newSqsClient), cloudWatch: share(newCloudWatchClient) };
  return new SqsBacklog({ ...clients, url: resource, world, countsLagMs: COUNTS_LAG_MS });
}

/** The age of the oldest message as CloudWatch has it. */
interface SeenAge {
  /** Begin of the minute in which it was seen. */
  readonly atMs: number;
  readonly ageMs: number;
}

/**
 * `Backlog` of a standard SQS queue, which does not tell when its oldest message was sent. Silence must never be scored
 * while an unread report exists (invariant 15 of the rollouts), so the answer is the earliest instant that is possible:
 *
 * - the counts say that nothing is there: a message of the last minute may still be missing in them;
 * - CloudWatch says that at some minute the oldest was so old: what was sent before has been deleted since;
 * - the counts were at zero when this instance looked last: what is there came after that, or in the minute before;
 * - none of these: the age is unknown, and silence clocks stop.
 *
 * A message that was received three times is left out of CloudWatch's age (SQS, "Available CloudWatch metrics"): who reads
 * the queue has to tell of that.
 */
export class SqsBacklog implements Backlog {
  readonly #parts: SqsBacklogParts;
  #nothingBeforeMs = 0;
  #seen: SeenAge | undefined;
  #seenAskedAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: SqsBacklogParts) {
    this.#parts = parts;
  }

  async unread(): Promise<Unread> {
    const { world, countsLagMs } = this.#parts;
    const askedAtMs = world.now();
    const [waiting, inFlight, delayed] = await this.#counts();
    const messages = waiting + inFlight + delayed;
    if (waiting + inFlight === 0) {
      // A delayed message may fall due at once, and it was sent before.
      if (delayed === 0) this.#learn(askedAtMs - countsLagMs);
      if (countsLagMs === 0) return { messages };
      return { messages, oldestSentAtMs: askedAtMs - countsLagMs, oldestAgeMs: 0 };
    }
    const seen = await this.#lastAge(askedAtMs);
    if (seen !== undefined) this.#learn(seen.atMs - seen.ageMs - METRIC_ROUNDING_MS);
    const ages = [
      ...(seen === undefined ? [] : [seen.ageMs]),
      ...(this.#nothingBeforeMs === 0 ? [] : [askedAtMs - this.#nothingBeforeMs]),
    ];
    return {
      messages,
      oldestSentAtMs: this.#nothingBeforeMs,
      ...(ages.length > 0 && { oldestAgeMs: Math.min(...ages) }),
    };
  }

  #learn(nothingBeforeMs: number): void {
    this.#nothingBeforeMs = Math.max(this.#nothingBeforeMs, nothingBeforeMs);
  }

  async #counts(): Promise<Counts> {
    const { sqs, url } = this.#parts;
    const request = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...COUNTS] });
    const { Attributes = {} } = await calling('sqs:GetQueueAttributes', url, () => sqs.send(request));
    const counts = COUNTS.map((name) => Number(Attributes[name] ?? Number.NaN));
    // Nothing may be taken for an empty queue that did not say so.
    if (counts.some(Number.isNaN))
      throw new UnknownOutcomeError(`sqs:GetQueueAttributes on ${url}: answered without counts`);
    return counts as Counts;
  }

  /** The last age that CloudWatch has of the queue, asked for anew after a while. */
  async #lastAge(nowMs: number): Promise<SeenAge | undefined> {
    if (nowMs - this.#seenAskedAtMs < METRIC_KEPT_MS) return this.#seen;
    const { cloudWatch, url } = this.#parts;
    const request = new GetMetricDataCommand({
      StartTime: new Date(nowMs - METRIC_FRESH_MS),
      EndTime: new Date(nowMs),
      ScanBy: 'TimestampDescending',
      MetricDataQueries: [
        {
          Id: 'age',
          MetricStat: {
            Metric: {
              Namespace: 'AWS/SQS',
              MetricName: 'ApproximateAgeOfOldestMessage',
              Dimensions: [{ Name: 'QueueName', Value: url.slice(url.lastIndexOf('/') + 1) }],
            },
            Period: METRIC_PERIOD_SECONDS,
            Stat: 'Maximum',
          },
        },
      ],
    });
    const { MetricDataResults = [] } = await calling('cloudwatch:GetMetricData', url, () =>
      cloudWatch.send(request),
    );
    const [atMs] = (MetricDataResults[0]?.Timestamps ?? []).map((at) => at.getTime());
    const [ageSeconds] = MetricDataResults[0]?.Values ?? [];
    this.#seenAskedAtMs = nowMs;
    this.#seen =
      atMs === undefined || ageSeconds === undefined ? undefined : { atMs, ageMs: ageSeconds * 1000 };
    return this.#seen;
  }
}
