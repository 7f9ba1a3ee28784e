import type { BucketDoors } from '#host/bucket/buckets.ts';
import { arnOf } from '#host/serverless/place.ts';
import type { BucketResource, QueueResource, TableResource } from '#host/serverless/resource-definitions.ts';
import type {
  BusResource,
  DevicePolicyResource,
  ServiceDefinition,
} from '#host/serverless/service-definition.ts';
import type { EmbeddedQueue } from '#host/store/embedded-queue.ts';
import type { EmbeddedStore } from '#host/store/embedded-store.ts';
import type { EmbeddedTable } from '#host/store/embedded-table.ts';
import type { QueueSource } from '#host/store/queue-source.ts';
import type { Bus } from '#shared/capabilities/bus.ts';
import type { DeviceLink } from '#shared/capabilities/device-link.ts';
import type { Identity } from '#shared/capabilities/identity.ts';
import type { Queue } from '#shared/capabilities/queue.ts';
import type { Signer } from '#shared/capabilities/signer.ts';
import type { Table } from '#shared/capabilities/table.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import type { KeyHeat } from '#shared/metering/key-heat.ts';
import type { BilledIndex } from '#shared/metering/table-units.ts';
import type { Resource, Resources } from './embedded-home.ts';
import type { GuardedName } from './rights-of-calls.ts';

/** Puts something around capabilities: faults and strictness in tests, meters in benchmarks. */
export interface Wrap {
  table?(table: EmbeddedTable, definition: TableResource): Table;
  queue?(queue: EmbeddedQueue, definition: QueueResource): Queue & QueueSource;
  bus?(bus: Bus): Bus;
}

/** What the resources are made from. */
export interface ResourceParts {
  readonly definitions: readonly ServiceDefinition[];
  readonly store: EmbeddedStore;
  readonly bucketOf: (name: string) => BucketDoors;
  readonly link: DeviceLink;
  readonly identity: Identity;
  readonly signer: Signer;
  readonly wrap: Wrap;
  /** Where write units are added up by key. */
  readonly heat?: KeyHeat;
}

/** The way to devices has one end here, whatever endpoint a function's variable names. */
const ANY_ENDPOINT = '';

const KMS_KEY = /^arn:[^:]+:kms:[^:]+:[^:]+:key\//;

/** Everything that the services' resources stand for on this machine, opened. */
export class HostResources implements Resources {
  readonly #parts: ResourceParts;
  readonly #tables = new Map<string, EmbeddedTable>();
  readonly #queues = new Map<string, EmbeddedQueue>();
  readonly #sources = new Map<string, QueueSource>();
  readonly #queueDefinitions = new Map<string, QueueResource>();
  readonly #byText = new Map<string, Resource<GuardedName>>();

  /** Opens tables and queues. Throws `ConfigurationError` for names that are there twice, and more than one bus. */
  constructor(parts: ResourceParts) {
    this.#parts = parts;
    const { definitions } = parts;
    for (const table of definitions.flatMap(({ tables }) => tables)) this.#openTable(table);
    this.#openQueues(definitions.flatMap(({ queues }) => queues));
    for (const bucket of definitions.flatMap(({ buckets }) => buckets)) this.#openBucket(bucket);
    this.#openBus(definitions.flatMap(({ buses }) => buses));
    this.#openTimers();
    this.#openSigner();
    this.#openDevices(definitions.flatMap(({ devicePolicies }) => devicePolicies));
  }

  find<Name extends GuardedName>(name: Name, text: string): Resource<Name> | undefined {
    // `#keep` is the only one that writes there, and keeps each under the name of its capability.
    return this.#byText.get(keyOf(name, text)) as Resource<Name> | undefined;
  }

  /** The table of that physical name. Throws `ConfigurationError` when there is none. */
  table(name: string): EmbeddedTable {
    return this.#tables.get(name) ?? missing('table', name);
  }

  /** What a trigger reads the queue of that name from. Throws `ConfigurationError` when there is none. */
  source(name: string): QueueSource {
    return this.#sources.get(name) ?? missing('queue', name);
  }

  /** The queue of that physical name, as the host itself sends to it. Throws `ConfigurationError` when there is none. */
  queue(name: string): EmbeddedQueue {
    return this.#queues.get(name) ?? missing('queue', name);
  }

  /** The queue of that name as a rule sends to it: with the delay that it was declared with. */
  outlet(name: string): Queue {
    const { delaySeconds } = this.queueDefinition(name);
    const queue = this.queue(name);
    return delaySeconds > 0 ? delaying(queue, delaySeconds) : queue;
  }

  /** How that queue was declared. */
  queueDefinition(name: string): QueueResource {
    return this.#queueDefinitions.get(name) ?? missing('queue', name);
  }

  /** Physical names of all queues. */
  get queueNames(): readonly string[] {
    return [...this.#queues.keys()];
  }

  #keep<Name extends GuardedName>(name: Name, text: string, resource: Resource<Name>): void {
    // `find` gives it back under its own type.
    this.#byText.set(keyOf(name, text), resource as unknown as Resource<GuardedName>);
  }

  #openTable(definition: TableResource): void {
    const { name, arn } = definition;
    const table = this.#parts.store.table(definition);
    this.#tables.set(name, table);
    const { heat } = this.#parts;
    this.#keep('table', name, {
      capability: this.#parts.wrap.table?.(table, definition) ?? table,
      arn,
      facts: {
        name,
        indexes: billedIndexes(definition),
        now: (key) => table.peek(key),
        ...(heat !== undefined && { heat }),
      },
    });
  }

  /** A dead-letter queue is opened before the queues that name it, whichever service has it. */
  #openQueues(definitions: readonly QueueResource[]): void {
    for (let left = definitions; left.length > 0; ) {
      const ready = left.filter(({ redrive }) => !redrive || this.#queues.has(redrive.deadLetterQueue));
      if (ready.length === 0) missing('dead-letter queue', left[0]?.redrive?.deadLetterQueue ?? '');
      for (const definition of ready) this.#openQueue(definition);
      left = left.filter((definition) => !ready.includes(definition));
    }
  }

  #openQueue(definition: QueueResource): void {
    const { name, arn, url, delaySeconds } = definition;
    const queue = this.#parts.store.queue(definition);
    this.#queues.set(name, queue);
    this.#queueDefinitions.set(name, definition);
    const wrapped = this.#parts.wrap.queue?.(queue, definition) ?? queue;
    this.#sources.set(name, wrapped);
    this.#keep('queue', url, {
      capability: delaySeconds > 0 ? delaying(wrapped, delaySeconds) : wrapped,
      arn,
    });
    this.#keep('backlog', url, { capability: queue, arn });
  }

  #openBucket({ name, arn }: BucketResource): void {
    const doors = this.#parts.bucketOf(name);
    this.#keep('bucket', name, { capability: doors.bucket, arn });
    this.#keep('uploads', name, { capability: doors.uploads, arn });
    this.#keep('downloads', name, { capability: doors.downloads, arn: this.#downloadKeyArn() });
  }

  /** Here URLs are signed with the host's own key; on AWS with this one, which functions must be allowed to read. */
  #downloadKeyArn(): string {
    const place = this.#parts.definitions[0]?.place ?? missing('service', 'with a bucket');
    return arnOf(place, 'ssm', `parameter/evenkeel/${place.stage}/download-signing-key`);
  }

  #openBus(buses: readonly BusResource[]): void {
    if (buses.length > 1) {
      throw new ConfigurationError(`there is one bus, not ${buses.map(({ name }) => name).join(' and ')}`);
    }
    const { bus } = this.#parts.store;
    for (const { name, arn } of buses) {
      const resource = { capability: this.#parts.wrap.bus?.(bus) ?? bus, arn };
      this.#keep('bus', name, resource);
      this.#keep('bus', arn, resource);
    }
  }

  /** What functions' environment variables say. */
  get #settings(): ReadonlySet<string> {
    const functions = this.#parts.definitions.flatMap((definition) => definition.functions);
    return new Set(functions.flatMap(({ environment }) => Object.values(environment)));
  }

  /** Every key of KMS that a function names is the home's own one. */
  #openSigner(): void {
    for (const arn of this.#settings) {
      if (KMS_KEY.test(arn)) this.#keep('signer', arn, { capability: this.#parts.signer, arn });
    }
  }

  /** A function that has a queue's ARN as a variable has timers that send there; what was set goes on after a restart. */
  #openTimers(): void {
    const texts = this.#settings;
    for (const [name, { arn }] of this.#queueDefinitions) {
      if (!texts.has(arn)) continue;
      this.#keep('timer', arn, { capability: this.#parts.store.timer(name, this.queue(name)), arn });
    }
  }

  #openDevices(policies: readonly DevicePolicyResource[]): void {
    const { link, identity, definitions } = this.#parts;
    const place = definitions[0]?.place;
    const arn = `arn:${place?.partition}:iot:${place?.region}:${place?.accountId}`;
    this.#keep('deviceLink', ANY_ENDPOINT, { capability: link, arn });
    for (const { name } of policies) this.#keep('identity', name, { capability: identity, arn: '*' });
  }
}

function keyOf(name: GuardedName, text: string): string {
  return `${name} ${name === 'deviceLink' ? ANY_ENDPOINT : text}`;
}

/** The indexes of a table as far as their cost goes. */
function billedIndexes({ indexes = {} }: TableResource): BilledIndex[] {
  return Object.entries(indexes).map(([name, { partition, sort, projection = 'all' }]) => ({
    name,
    partition: partition.attribute,
    ...(sort !== undefined && { sort: sort.attribute }),
    projection,
  }));
}

/** A queue whose messages wait, unless they say so themselves (`DelaySeconds` of the queue). */
function delaying(queue: Queue, delaySeconds: number): Queue {
  return {
    send: (messages) => queue.send(messages.map((message) => ({ delaySeconds, ...message }))),
  };
}

function missing(kind: string, name: string): never {
  throw new ConfigurationError(`${kind} ${name} is not a resource of these services`);
}
