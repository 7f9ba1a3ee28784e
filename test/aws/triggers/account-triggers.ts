import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { SQSClient } from '@aws-sdk/client-sqs';
import { compilePattern } from '#host/events/pattern.ts';
import { AsyncInvoker } from '#host/runtime/async-invoker.ts';
import { failureAccount, type GivenUpFailure } from '#host/runtime/failure-account.ts';
import type { HostLog } from '#host/runtime/host-log.ts';
import { EventTrigger } from '#host/runtime/triggers/event-trigger.ts';
import type { HttpApi } from '#host/runtime/triggers/http-api.ts';
import { QueueTrigger } from '#host/runtime/triggers/queue-trigger.ts';
import { ScheduleTrigger } from '#host/runtime/triggers/schedule-trigger.ts';
import type { Trigger } from '#host/runtime/triggers/trigger.ts';
import type { EmbeddedStore } from '#host/store/embedded-store.ts';
import { SqsQueue } from '#shared/aws/queue.ts';
import type { World } from '#shared/world/world.ts';
import type { InvokeLeave } from '../account/invoke-leave.ts';
import type { Callers } from '../gate/caller.ts';
import type { CreatedObject } from '../gate/s3.ts';
import type { LambdaFunction, RoleCredentials } from '../lambda/lambda-function.ts';
import type { DeployedStack } from '../stacks/deployed-stack.ts';
import type { Deployment } from '../stacks/deployment.ts';
import { PLACE } from '../stacks/place.ts';
import {
  type BucketNotification,
  type EventRule,
  type QueueMapping,
  readEventRules,
  readMappings,
  readNotifications,
  readRoutes,
  type StreamMapping,
} from '../stacks/read-triggers.ts';
import { type DeployedFunctions, failureQueueOf, type InvokedFunction } from './deployed-functions.ts';
import { SqsSource } from './sqs-source.ts';
import { StreamPoller } from './stream-poller.ts';
import { uploadEvent } from './upload-event.ts';

/** What triggers read from, and what they invoke. */
export interface AccountTriggerParts {
  readonly deployment: Deployment;
  readonly functions: DeployedFunctions;
  readonly callers: Callers;
  readonly leave: InvokeLeave;
  /** Keeps what EventBridge and S3 have still to deliver. */
  readonly store: EmbeddedStore;
  readonly api: HttpApi;
  readonly world: World;
  readonly log: HostLog;
  /** How long a minute of a schedule lasts, in seconds. */
  readonly minuteSeconds: number;
}

interface UploadTarget {
  readonly notification: BucketNotification;
  readonly tell: (body: string) => Promise<void>;
}

/** A client acts in one role; Lambda's pollers and deliveries act in that of the function. */
const settingsOf = (credentials: RoleCredentials) => ({ region: PLACE.region, credentials });
const queueUrlOf = (arn: string): string =>
  `https://sqs.${PLACE.region}.amazonaws.com/${PLACE.accountId}/${arn.split(':').at(-1)}`;
/** The oracle hides no message for longer; what the function does with it takes less. */
const VISIBILITY_SECONDS = 30;

/** Everything of the account that invokes functions, as the packaged templates say it. IoT rules stand apart. */
export class AccountTriggers {
  readonly #parts: AccountTriggerParts;
  readonly #triggers: Trigger[] = [];
  readonly #uploads: UploadTarget[] = [];
  readonly #clients: { destroy(): void }[] = [];
  #objects = 0;

  constructor(parts: AccountTriggerParts) {
    this.#parts = parts;
    for (const stack of parts.deployment.stacks) this.#add(stack);
  }

  start(): void {
    for (const trigger of this.#triggers) trigger.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#triggers.map((trigger) => trigger.stop()));
    for (const client of this.#clients) client.destroy();
  }

  /** Tells of an object that has appeared; resolves once it is sure to be told. */
  async objectCreated(object: CreatedObject): Promise<void> {
    this.#objects += 1;
    const body = JSON.stringify(uploadEvent(object, this.#parts.world.now(), this.#objects));
    for (const { notification, tell } of this.#uploads) {
      const { bucket, event, prefix, suffix } = notification;
      const isEvent = compileEventName(event).test(`s3:${object.eventName}`);
      const isKey = object.key.startsWith(prefix) && object.key.endsWith(suffix);
      if (bucket === object.bucket && isEvent && isKey) await tell(body);
    }
  }

  #add(stack: DeployedStack): void {
    for (const mapping of readMappings(stack)) {
      this.#triggers.push(mapping.kind === 'queue' ? this.#queue(mapping) : this.#stream(mapping));
    }
    for (const rule of readEventRules(stack)) this.#triggers.push(this.#rule(rule));
    for (const notification of readNotifications(stack)) this.#triggers.push(this.#notified(notification));
    for (const { method, path, apiId, functionArn } of readRoutes(stack)) {
      const source = `execute-api:${PLACE.region}:${PLACE.accountId}:${apiId}/$default/${method}${path}`;
      this.#parts.leave.check(functionArn, 'apigateway.amazonaws.com', `arn:${PLACE.partition}:${source}`);
      this.#parts.api.add(method, path, this.#parts.functions.at(functionArn).function);
    }
  }

  #queue(mapping: QueueMapping): Trigger {
    const { world, log, functions } = this.#parts;
    const pool = functions.at(mapping.functionArn).function;
    const client = this.#sqsOf(pool);
    const onFault = (error: unknown) =>
      log.error('a queue could not be read', error, { function: pool.name });
    const queue = new SqsSource(client, queueUrlOf(mapping.sourceArn), world, onFault);
    const { sourceArn: queueArn, ...options } = mapping;
    return new QueueTrigger(
      { queue, pool, world, log },
      { ...options, queueArn, visibilityTimeoutSeconds: VISIBILITY_SECONDS },
    );
  }

  #stream(mapping: StreamMapping): Trigger {
    const { world, log, functions, callers, minuteSeconds } = this.#parts;
    const pool = functions.at(mapping.functionArn).function;
    const { credentials } = callers.ofRole(pool.definition.roleArn);
    const client = new DynamoDBStreamsClient(settingsOf(credentials));
    this.#clients.push(client);
    return new StreamPoller({ client, pool, mapping, minuteSeconds, world, log });
  }

  #rule(rule: EventRule): Trigger {
    const { world, log, functions, leave, store, minuteSeconds } = this.#parts;
    leave.check(rule.targetArn, 'events.amazonaws.com', rule.arn);
    const target = functions.at(rule.targetArn);
    const { function: pool } = target;
    const options = functions.asyncOptionsOf(target);
    const onGivenUp = this.#toDestination(target);
    if (rule.everySeconds !== undefined) {
      const invoker = new AsyncInvoker({ pool, world: hasty(world), log, onGivenUp }, options);
      const everySeconds = (rule.everySeconds / 60) * minuteSeconds;
      return new ScheduleTrigger(`schedule -> ${pool.name}`, invoker, world, { everySeconds });
    }
    // EventBridge is done once Lambda has taken the event; what fails from then on is Lambda's to try again.
    const queue = store.bus.subscribe(pool.name, compilePattern(rule.pattern ?? {}));
    return new EventTrigger(`bus -> ${pool.name}`, { queue, pool, world, log, onGivenUp }, options);
  }

  /** The leave to invoke is given by the custom resource of the framework while it deploys, and not in the template. */
  #notified(notification: BucketNotification): Trigger {
    const { world, log, functions, store } = this.#parts;
    const target = functions.named(notification.functionName, notification.qualifier);
    const { function: pool } = target;
    const queue = store.queue({ name: `uploads.${pool.name}` });
    const tell = async (body: string) => void (await queue.send([{ body }]));
    this.#uploads.push({ notification, tell });
    const options = functions.asyncOptionsOf(target);
    const onGivenUp = this.#toDestination(target);
    return new EventTrigger(`uploads -> ${pool.name}`, { queue, pool, world, log, onGivenUp }, options);
  }

  /** Lambda tells the failure destination with the rights of the function's own role. */
  #toDestination(target: InvokedFunction) {
    const { world, log } = this.#parts;
    const onFailureArn = failureQueueOf(target);
    const { function: pool } = target;
    return async (event: unknown, failure: GivenUpFailure): Promise<void> => {
      const { error, attempts } = failure;
      log.error('an event was given up', error, { function: pool.name, attempts });
      if (onFailureArn === undefined) return;
      const client = this.#sqsOf(pool);
      const queue = new SqsQueue({ client, url: queueUrlOf(onFailureArn) });
      const account = failureAccount(pool.definition, event, failure, world.now());
      await queue.send([{ body: JSON.stringify(account) }]);
    };
  }

  #sqsOf({ definition }: LambdaFunction): SQSClient {
    const { credentials } = this.#parts.callers.ofRole(definition.roleArn);
    const client = new SQSClient(settingsOf(credentials));
    this.#clients.push(client);
    return client;
  }
}

/** Lambda's minutes until it tries again are seconds. */
const hasty = (world: World): World => ({
  ...world,
  after: (delayMs, run) => world.after(delayMs / 60, run),
});

/** `s3:ObjectCreated:*`. */
const compileEventName = (event: string): RegExp => new RegExp(`^${event.replaceAll('*', '.*')}$`);
