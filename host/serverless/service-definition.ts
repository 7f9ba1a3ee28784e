import type { PolicyStatement } from '#host/rights/policy-statement.ts';
import type { FunctionEvent } from './function-event.ts';
import type { Json } from './json.ts';
import type { Place } from './place.ts';
import type {
  BucketResource,
  QueueResource,
  TableResource,
  TopicRuleResource,
} from './resource-definitions.ts';

/** A function as its `function.yml` declares it, with everything resolved. */
export interface FunctionDefinition {
  /** Key in `serverless.yml`: the camelCase of its folder. */
  readonly key: string;
  /** Physical name: `<service>-<stage>-<key>`. */
  readonly name: string;
  readonly arn: string;
  /** Absolute path of the module; it exports `handler`. */
  readonly handlerFile: string;
  /** Variables of provider and function; all are texts. */
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  /** Invocations at the same time, at most; absent: not limited by the function. */
  readonly reservedConcurrency?: number;
  /** What it may do: its own statements, and the provider's where it inherits them. */
  readonly statements: readonly PolicyStatement[];
  readonly events: readonly FunctionEvent[];
  readonly asynchronous: AsynchronousInvocation;
}

/** What becomes of an asynchronous invocation (an IoT rule, the bus, an upload) that fails. */
export interface AsynchronousInvocation {
  /** An event that waited longer is given up: 60 to 21,600. */
  readonly maximumEventAgeSeconds: number;
  /** After the first attempt: 0 to 2. */
  readonly maximumRetryAttempts: number;
  /** Queue that is told of an event that was given up. */
  readonly onFailureQueue?: string;
}

/** An AWS::IoT::Policy: what devices may do. */
export interface DevicePolicyResource {
  readonly logicalId: string;
  readonly name: string;
  /** The policy document; for `compilePolicy`. */
  readonly document: Json;
}

/** An AWS::Events::EventBus. */
export interface BusResource {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
}

/** A counter of a service that must not rise, and what to do when it does: an entry of `custom.alarms`. */
export interface CounterAlarm {
  readonly metric: string;
  /** It is told when the counter has risen in each of so many minutes. */
  readonly minutes: number;
  readonly description: string;
}

/** A service, or the platform stack (which has no functions), as its `serverless.yml` declares it. */
export interface ServiceDefinition {
  readonly name: string;
  /** Absolute path of the folder of its `serverless.yml`. */
  readonly folder: string;
  readonly place: Place;
  readonly functions: readonly FunctionDefinition[];
  readonly tables: readonly TableResource[];
  readonly queues: readonly QueueResource[];
  readonly buckets: readonly BucketResource[];
  readonly topicRules: readonly TopicRuleResource[];
  readonly devicePolicies: readonly DevicePolicyResource[];
  readonly buses: readonly BusResource[];
  readonly alarms: readonly CounterAlarm[];
  /** What it exports to other stacks, by export name. */
  readonly exports: ReadonlyMap<string, string>;
}
