import { type OpenStore, openStore } from '#host/testing/open-store.ts';
import { type ServedBuckets, serveBuckets } from '#host/testing/serve-buckets.ts';
import { strictTable } from '#host/testing/strict-table.ts';
import type { Bucket } from '#shared/capabilities/bucket.ts';
import type { Capabilities, CapabilityName, Home } from '#shared/capabilities/home.ts';
import type { Table } from '#shared/capabilities/table.ts';
import type { LambdaFunction } from '#shared/lambda/lambda-function.ts';

/** A small home for this service's functions: a real table and a real bucket in new directories. */
export interface TelemetryHome {
  readonly world: OpenStore['world'];
  readonly failures: Table;
  readonly bucket: Bucket;
  /** What was published to devices. */
  readonly published: Record<string, unknown>[];
  /** Stands before every transaction and every put; a test may let it fail. */
  before: (call: 'transact' | 'put') => Promise<void>;
  /** Calls a function as its trigger would. */
  invoke<Event, Result>(handler: LambdaFunction<Event, Result>, event: Event): Promise<Result>;
  /** The keys of all objects in the bucket. */
  keys(): Promise<string[]>;
  close(): Promise<void>;
}

/** Opens one. */
export async function openTelemetryHome(): Promise<TelemetryHome> {
  const opened = openStore('telemetry');
  const served: ServedBuckets = await serveBuckets({ buckets: ['reports'] });
  const { world } = opened;
  // Nothing may count on what an embedded table is friendlier in than DynamoDB.
  const failures = strictTable(opened.store.table({ name: 'failures', expiresBy: 'expiresAt' }), { world });
  const { bucket } = served.buckets.of('reports');
  let nextId = 0;
  const at: TelemetryHome = {
    world,
    failures,
    bucket,
    published: [],
    before: async () => undefined,
    invoke: async (handler, event) => (await handler.on(home))(event, CONTEXT),
    keys: async () => (await bucket.list('', { limit: 1000 })).objects.map(({ key }) => key),
    close: async () => {
      await opened.close();
      await served.close();
    },
  };
  const provided: Partial<Capabilities> = {
    clock: { now: () => world.now(), pause: (delayMs) => world.advance(delayMs) },
    ids: {
      next: () => `01JD4Z6Q7R8S9T0V1W2X${String(nextId++).padStart(6, '0')}`,
      random: () => world.random(),
    },
    table: {
      get: (keys, options) => failures.get(keys, options),
      query: (query) => failures.query(query),
      putAll: (items) => failures.putAll(items),
      write: (write) => failures.write(write),
      transact: async (writes, options) => {
        await at.before('transact');
        return failures.transact(writes, options);
      },
    },
    bucket: {
      put: async (key, body) => {
        await at.before('put');
        return bucket.put(key, body);
      },
      head: (key) => bucket.head(key),
      read: (key, options) => bucket.read(key, options),
      copy: (from, to) => bucket.copy(from, to),
      remove: (key) => bucket.remove(key),
      list: (prefix, options) => bucket.list(prefix, options),
    },
    deviceLink: {
      publish: async (_topic, payload) => {
        at.published.push(JSON.parse(Buffer.from(payload).toString()));
      },
      disconnect: async () => undefined,
    },
  };
  const home: Home = {
    async provide<Name extends CapabilityName>(name: Name) {
      const found = provided[name];
      if (found === undefined) throw new TypeError(`this home has no ${name}`);
      // The key decides the type of what was found; a lookup by a generic key cannot say so.
      return found as Capabilities[Name];
    },
    setting: () => 'telemetry-ingest',
    writeLine: () => undefined,
  };
  return at;
}

/** What Lambda passes besides the event: the parts that the chain reads. */
const CONTEXT = {
  awsRequestId: 'request',
  functionName: 'function',
  functionVersion: '1',
  invokedFunctionArn: 'arn',
  memoryLimitInMB: '256',
  getRemainingTimeInMillis: () => 10_000,
  // The rest of Lambda's context is not read by anything here.
} as unknown as Parameters<Awaited<ReturnType<LambdaFunction<unknown, unknown>['on']>>>[1];
