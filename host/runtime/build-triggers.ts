import type { ObjectCreated } from '#host/bucket/object-index.ts';
import { compilePattern } from '#host/events/pattern.ts';
import type {
  EventBridgeEvent,
  FunctionEvent,
  S3Event,
  ScheduleEvent,
  SqsEvent,
  StreamEvent,
} from '#host/serverless/function-event.ts';
import type { FunctionDefinition, ServiceDefinition } from '#host/serverless/service-definition.ts';
import type { ChangeLog } from '#host/store/change-log.ts';
import type { EmbeddedQueue } from '#host/store/embedded-queue.ts';
import type { EmbeddedStore } from '#host/store/embedded-store.ts';
import { messageText } from '#shared/capabilities/message-text.ts';
import type { Change } from '#shared/capabilities/table.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import type { World } from '#shared/world/world.ts';
import { AsyncInvoker } from './async-invoker.ts';
import type { FunctionPool } from './function-pool.ts';
import type { Functions } from './functions.ts';
import { toDeadLetters, toDestinationOrLog, toFailureDestination } from './given-up.ts';
import type { HostLog } from './host-log.ts';
import type { HostResources } from './resources.ts';
import { EventTrigger } from './triggers/event-trigger.ts';
import type { HttpApi } from './triggers/http-api.ts';
import { QueueTrigger } from './triggers/queue-trigger.ts';
import { ScheduleTrigger } from './triggers/schedule-trigger.ts';
import { changeFilter } from './triggers/stream-record.ts';
import { StreamTrigger } from './triggers/stream-trigger.ts';
import type { Trigger } from './triggers/trigger.ts';
import { s3Event } from './triggers/upload-events.ts';

/** What triggers read from, and what they invoke. */
export interface TriggerParts {
  readonly store: EmbeddedStore;
  readonly resources: HostResources;
  readonly functions: Functions;
  readonly api: HttpApi;
  readonly world: World;
  readonly log: HostLog;
}

/** Who hears of uploads: a queue of its own for every function that wants them. */
interface UploadTarget {
  readonly wanted: S3Event;
  readonly queue: EmbeddedQueue;
}

/** Whose trigger it is, and which of its events that is. */
interface TriggerOf {
  readonly definition: FunctionDefinition;
  readonly at: number;
  readonly pool: FunctionPool;
}

/** A queue keeps no message for longer than 14 days. */
const LONGEST_RETENTION_SECONDS = 1_209_600;

/** The triggers of all functions, made but not started. */
export class Triggers {
  readonly #parts: TriggerParts;
  readonly #all: Trigger[] = [];
  readonly #uploads: UploadTarget[] = [];
  readonly #filters = new Map<ChangeLog, ((change: Change) => boolean)[]>();
  readonly #listeners: { readonly matches: (event: unknown) => boolean; readonly pool: FunctionPool }[] = [];

  private constructor(parts: TriggerParts) {
    this.#parts = parts;
  }

  /** Throws `ConfigurationError` for what the host does not support. */
  static async build(services: readonly ServiceDefinition[], parts: TriggerParts): Promise<Triggers> {
    const triggers = new Triggers(parts);
    for (const definition of services.flatMap(({ functions }) => functions)) {
      for (const [at, event] of definition.events.entries()) {
        const trigger = await triggers.#build(definition, event, at);
        if (trigger !== undefined) triggers.#all.push(trigger);
      }
    }
    for (const [changes, filters] of triggers.#filters) {
      changes.keepOnly((change) => filters.some((isWanted) => isWanted(change)));
    }
    return triggers;
  }

  get all(): readonly Trigger[] {
    return this.#all;
  }

  /** Those that hand on what tables have changed. */
  get streams(): readonly StreamTrigger[] {
    return this.#all.filter((trigger) => trigger instanceof StreamTrigger);
  }

  /** The functions that a rule of the bus hands such an event to. */
  listenersOf(event: unknown): FunctionPool[] {
    return this.#listeners.filter(({ matches }) => matches(event)).map(({ pool }) => pool);
  }

  /** Records that an object has appeared, for every function that wants to know; resolves once that is durable. */
  async objectCreated(object: ObjectCreated): Promise<void> {
    const { bucket, key } = object;
    const body = JSON.stringify(s3Event(object, this.#parts.world.now()));
    for (const { wanted, queue } of this.#uploads) {
      const isWanted =
        wanted.bucketName === bucket && key.startsWith(wanted.prefix) && key.endsWith(wanted.suffix);
      if (isWanted) await queue.send([{ body }]);
    }
  }

  async #build(
    definition: FunctionDefinition,
    event: FunctionEvent,
    at: number,
  ): Promise<Trigger | undefined> {
    const pool = this.#parts.functions.pool(definition.name);
    const of: TriggerOf = { definition, at, pool };
    switch (event.kind) {
      case 'httpApi':
        this.#parts.api.add(event.method, event.path, pool);
        return undefined;
      case 'sqs':
        return this.#onQueue(event, of);
      case 'eventBridge':
        return this.#onEvent(event, of);
      case 's3':
        return this.#onUpload(event, of);
      case 'stream':
        return this.#onChange(event, of);
      case 'schedule':
        return this.#onSchedule(event, of);
    }
  }

  #onQueue(event: SqsEvent, { definition, pool }: TriggerOf): Trigger {
    const { resources, world, log } = this.#parts;
    const { name, timeoutSeconds } = definition;
    const { visibilityTimeoutSeconds } = resources.queueDefinition(event.queueName);
    // As Lambda refuses it: messages would come again while they are being worked on.
    if (visibilityTimeoutSeconds < timeoutSeconds)
      throw new ConfigurationError(
        `${event.queueName}: VisibilityTimeout must not be below the timeout of ${name}`,
      );
    return new QueueTrigger(
      { queue: resources.source(event.queueName), pool, world, log },
      { maximumConcurrency: pool.concurrency, ...event, visibilityTimeoutSeconds },
    );
  }

  #onEvent(event: EventBridgeEvent, { definition, at, pool }: TriggerOf): Trigger {
    const { store, world, log } = this.#parts;
    const { name } = definition;
    const matches = compilePattern(event.pattern);
    this.#listeners.push({ matches, pool });
    // Kept longer than it is tried, so that giving up is this trigger's decision and goes to the dead letters.
    const retentionSeconds = Math.min(LONGEST_RETENTION_SECONDS, event.maximumEventAgeSeconds * 2);
    const queue = store.bus.subscribe(`${name}.${at}`, matches, { retentionSeconds });
    const onGivenUp = toDeadLetters(definition, event.deadLetterQueue, this.#parts);
    return new EventTrigger(`bus -> ${name}`, { queue, pool, world, log, onGivenUp }, event);
  }

  #onUpload(event: S3Event, { definition, at, pool }: TriggerOf): Trigger {
    const { store, world, log } = this.#parts;
    const { name, asynchronous } = definition;
    const retentionSeconds = LONGEST_RETENTION_SECONDS;
    const queue = store.queue({ name: `uploads.${name}.${at}`, retentionSeconds });
    this.#uploads.push({ wanted: event, queue });
    const onGivenUp = toDestinationOrLog(definition, this.#parts);
    return new EventTrigger(`uploads -> ${name}`, { queue, pool, world, log, onGivenUp }, asynchronous);
  }

  #onChange(event: StreamEvent, { definition: { name }, pool }: TriggerOf): Promise<Trigger> {
    const { resources, world, log } = this.#parts;
    const { tableName, onFailureQueue } = event;
    if (event.bisectsOnError) throw new ConfigurationError(`${name}: a stream's batch is not split here`);
    const { changes } = resources.table(tableName);
    if (changes === undefined) throw new ConfigurationError(`table ${tableName} has no change stream`);
    const isWanted = changeFilter(event.filterPatterns);
    this.#filters.set(changes, [...(this.#filters.get(changes) ?? []), isWanted]);
    const onFailure = async (account: unknown) => {
      if (onFailureQueue === undefined) log.warn('a stream batch was given up', { trigger: name });
      else await resources.queue(onFailureQueue).send([{ body: messageText(account) }]);
    };
    return StreamTrigger.open({ changes, pool, world, log, onFailure }, { ...event, isWanted });
  }

  #onSchedule(event: ScheduleEvent, { definition, pool }: TriggerOf): Trigger {
    const { world, log } = this.#parts;
    const options = { ...definition.asynchronous, concurrency: pool.concurrency };
    const onGivenUp = toFailureDestination(definition, this.#parts);
    const invoker = new AsyncInvoker({ pool, world, log, onGivenUp }, options);
    return new ScheduleTrigger(`schedule -> ${definition.name}`, invoker, world, event);
  }
}
