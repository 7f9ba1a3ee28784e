import type { Json } from './json.ts';

/** A route of the HTTP API. */
export interface HttpApiEvent {
  readonly kind: 'httpApi';
  /** In capitals. */
  readonly method: string;
  /** With `{variables}` in segments of their own. */
  readonly path: string;
}

/** Batches of a queue. */
export interface SqsEvent {
  readonly kind: 'sqs';
  readonly queueName: string;
  readonly queueArn: string;
  /** 1 to 10,000. */
  readonly batchSize: number;
  /** How long a batch that is not full waits for more: 0 to 300. */
  readonly batchingWindowSeconds: number;
  /** Batches at the same time, at most: 2 to 1,000; absent: not limited. */
  readonly maximumConcurrency?: number;
  /** `ReportBatchItemFailures`: the answer names the records that failed. */
  readonly reportsItemFailures: boolean;
}

/** Objects that appear in a bucket. */
export interface S3Event {
  readonly kind: 's3';
  readonly bucketName: string;
  /** `s3:ObjectCreated:*`. */
  readonly event: string;
  /** Empty: any key. */
  readonly prefix: string;
  readonly suffix: string;
  /** Whether the bucket is made elsewhere than by this event. */
  readonly existing: boolean;
}

/** Events of the bus. */
export interface EventBridgeEvent {
  readonly kind: 'eventBridge';
  readonly busName: string;
  /** The pattern as EventBridge has it. */
  readonly pattern: { readonly [key: string]: Json };
  /** Of delivery to the function: 60 to 86,400; EventBridge gives up after a day unless told. */
  readonly maximumEventAgeSeconds: number;
  /** 0 to 185. */
  readonly maximumRetryAttempts: number;
  readonly deadLetterQueue?: string;
}

/** The change stream of a table. */
export interface StreamEvent {
  readonly kind: 'stream';
  readonly tableName: string;
  readonly streamArn: string;
  /** 1 to 10,000. */
  readonly batchSize: number;
  /** 0 to 300. */
  readonly batchingWindowSeconds: number;
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST';
  /** 0 to 10,000; -1: until the record is too old. */
  readonly maximumRetryAttempts: number;
  /** 60 to 604,800; -1: as long as the stream keeps it. */
  readonly maximumRecordAgeSeconds: number;
  readonly bisectsOnError: boolean;
  /** `ReportBatchItemFailures`: the answer names the first record that failed. */
  readonly reportsItemFailures: boolean;
  /** Patterns as Lambda's event filtering has them; a record passes when any matches, and always when there is none. */
  readonly filterPatterns: readonly { readonly [key: string]: Json }[];
  /** Queue that is told of a batch that was given up. */
  readonly onFailureQueue?: string;
}

/** The clock. */
export interface ScheduleEvent {
  readonly kind: 'schedule';
  readonly everySeconds: number;
  /** What the function is invoked with instead of the event of a schedule. */
  readonly input?: Json;
}

/** What invokes a function; IoT rules stand apart, in `topicRules`. */
export type FunctionEvent =
  | HttpApiEvent
  | SqsEvent
  | S3Event
  | EventBridgeEvent
  | StreamEvent
  | ScheduleEvent;
