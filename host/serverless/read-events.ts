import { busNameOf, queueNameIn, tableNameIn } from './arn-parts.ts';
import type {
  EventBridgeEvent,
  FunctionEvent,
  HttpApiEvent,
  S3Event,
  ScheduleEvent,
  SqsEvent,
  StreamEvent,
} from './function-event.ts';
import { isRecord, type Json } from './json.ts';
import type { Properties } from './properties.ts';
import { readFailureQueue } from './read-failure-queue.ts';
import { secondsOfRate } from './schedule-expression.ts';

/** Bounds and defaults are those of Lambda's event source mappings and of EventBridge (their API references). */
const READERS = {
  httpApi: readHttpApi,
  sqs: readSqs,
  s3: readS3,
  eventBridge: readEventBridge,
  stream: readStream,
};

/** Reads the `events` of a function; throws `UnsupportedResourceError` for other kinds of event and unknown settings. */
export function readEvents(properties: Properties): FunctionEvent[] {
  return properties.sections('events').flatMap((event): FunctionEvent[] => {
    const schedule = event.section('schedule');
    if (schedule !== undefined) return readSchedule(schedule);
    for (const [kind, read] of Object.entries(READERS)) {
      const section = event.section(kind);
      if (section !== undefined) return [read(section)];
    }
    return event.refusing()(`must be one of ${Object.keys(READERS).join(', ')} and schedule`);
  });
}

function readHttpApi(event: Properties): HttpApiEvent {
  event.ignore('authorizer');
  const method = event.text('method').toUpperCase();
  return { kind: 'httpApi', method, path: event.text('path') };
}

function readSqs(event: Properties): SqsEvent {
  requireEnabled(event);
  const queueArn = event.text('arn');
  const batchSize = event.integer('batchSize', { min: 1, max: 10_000, otherwise: 10 });
  const batchingWindowSeconds = event.integer('maximumBatchingWindow', { min: 0, max: 300, otherwise: 0 });
  if (batchSize > 10 && batchingWindowSeconds === 0) {
    event.refusing('maximumBatchingWindow')('must be at least 1 for batches of more than 10');
  }
  return {
    kind: 'sqs',
    queueName: queueNameIn(queueArn, event.refusing('arn')),
    queueArn,
    batchSize,
    batchingWindowSeconds,
    ...(event.has('maximumConcurrency') && {
      maximumConcurrency: event.integer('maximumConcurrency', { min: 2, max: 1000 }),
    }),
    reportsItemFailures: reportsItemFailures(event),
  };
}

function readS3(event: Properties): S3Event {
  event.ignore('forceDeploy');
  const filters = event.sections('rules');
  const filterOf = (name: string): string => {
    const given = filters.map((filter) => filter.optionalText(name)).filter((text) => text !== undefined);
    return given.length < 2 ? (given[0] ?? '') : event.refusing('rules')(`has ${name} twice`);
  };
  return {
    kind: 's3',
    bucketName: event.text('bucket'),
    event: event.choice('event', ['s3:ObjectCreated:*']),
    prefix: filterOf('prefix'),
    suffix: filterOf('suffix'),
    existing: event.flag('existing'),
  };
}

function readEventBridge(event: Properties): EventBridgeEvent {
  const retry = event.section('retryPolicy');
  const deadLetterQueueArn = event.optionalText('deadLetterQueueArn');
  return {
    kind: 'eventBridge',
    busName: busNameOf(event.text('eventBus'), event.refusing('eventBus')),
    pattern: patternIn(event.value('pattern'), event, 'pattern'),
    maximumEventAgeSeconds:
      retry?.integer('maximumEventAge', { min: 60, max: 86_400, otherwise: 86_400 }) ?? 86_400,
    maximumRetryAttempts: retry?.integer('maximumRetryAttempts', { min: 0, max: 185, otherwise: 185 }) ?? 185,
    ...(deadLetterQueueArn !== undefined && {
      deadLetterQueue: queueNameIn(deadLetterQueueArn, event.refusing('deadLetterQueueArn')),
    }),
  };
}

function readStream(event: Properties): StreamEvent {
  requireEnabled(event);
  event.choice('type', ['dynamodb']);
  // One batch at a time per table is what the host does; more at once is an optimisation of AWS.
  event.ignore('parallelizationFactor');
  const streamArn = event.text('arn');
  const onFailure = readFailureQueue(event);
  return {
    kind: 'stream',
    tableName: tableNameIn(streamArn, event.refusing('arn')),
    streamArn,
    batchSize: event.integer('batchSize', { min: 1, max: 10_000, otherwise: 100 }),
    batchingWindowSeconds: event.integer('batchWindow', { min: 0, max: 300, otherwise: 0 }),
    startingPosition: event.choice('startingPosition', ['TRIM_HORIZON', 'LATEST']),
    maximumRetryAttempts: event.integer('maximumRetryAttempts', { min: -1, max: 10_000, otherwise: -1 }),
    maximumRecordAgeSeconds: event.integer('maximumRecordAgeInSeconds', {
      min: -1,
      max: 604_800,
      otherwise: -1,
    }),
    bisectsOnError: event.flag('bisectBatchOnFunctionError'),
    reportsItemFailures: reportsItemFailures(event),
    filterPatterns: event
      .list('filterPatterns')
      .map((pattern) => patternIn(pattern, event, 'filterPatterns')),
    ...(onFailure !== undefined && { onFailureQueue: onFailure }),
  };
}

function readSchedule(event: Properties): ScheduleEvent[] {
  requireEnabled(event);
  event.ignore('name', 'description', 'method');
  const input = event.value('input');
  const rates = event.texts('rate', 'or-one');
  if (rates.length === 0) event.refusing('rate')('is missing');
  return rates.map((rate) => ({
    kind: 'schedule',
    everySeconds: secondsOfRate(rate, event.refusing('rate')),
    ...(input !== undefined && { input }),
  }));
}

/** An event that is switched off in the file would be on in the host. */
function requireEnabled(event: Properties): void {
  if (event.has('enabled') && !event.flag('enabled')) event.refusing('enabled')('must be true');
}

function reportsItemFailures(event: Properties): boolean {
  return (
    event.has('functionResponseType') &&
    event.choice('functionResponseType', ['ReportBatchItemFailures']) !== undefined
  );
}

function patternIn(
  value: Json | undefined,
  event: Properties,
  name: string,
): { readonly [key: string]: Json } {
  if (!isRecord(value)) return event.refusing(name)('must be an object');
  // What is in a value of a template is such a value.
  return value as { readonly [key: string]: Json };
}
