import type { ObjectExpiry } from '#host/bucket/object-expiry.ts';
import type { QueueDefinition } from '#host/store/queue-definition.ts';
import type { TableDefinition } from '#host/store/table-definition.ts';

/** An AWS::DynamoDB::Table. */
export interface TableResource extends TableDefinition {
  readonly logicalId: string;
  readonly arn: string;
  /** Of its change stream, when it has one. */
  readonly streamArn?: string;
}

/** An AWS::SQS::Queue. */
export interface QueueResource extends QueueDefinition {
  readonly logicalId: string;
  readonly arn: string;
  /** What `!Ref` gives: the value of the functions' environment variables. */
  readonly url: string;
  readonly retentionSeconds: number;
  /** How long a received message is hidden from others: 0 to 43,200. */
  readonly visibilityTimeoutSeconds: number;
  /** How long a new message waits, unless it says so itself: 0 to 900. */
  readonly delaySeconds: number;
}

/** An AWS::S3::Bucket. */
export interface BucketResource {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  /** Whether every version of an object is kept. */
  readonly versioned: boolean;
  /** Which of its objects are removed by their age. */
  readonly expiries: readonly ObjectExpiry[];
}

/** What an IoT rule does with a message that it selects. */
export type TopicRuleAction =
  | { readonly kind: 'lambda'; readonly functionKey: string }
  | {
      readonly kind: 'sqs';
      readonly queueName: string;
      /** Whether the message is base64 of the rule's output instead of the output itself. */
      readonly useBase64: boolean;
    };

/** An AWS::IoT::TopicRule. */
export interface TopicRuleResource {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  /** For `compileRuleSql`. */
  readonly sql: string;
  readonly sqlVersion: '2016-03-23';
  readonly actions: readonly TopicRuleAction[];
  /** What is done when an action fails. */
  readonly errorAction?: TopicRuleAction;
  readonly disabled: boolean;
}
