import { type OpenStore, openStore } from '#host/testing/open-store.ts';
import { type ServedBuckets, serveBuckets } from '#host/testing/serve-buckets.ts';
import { strictTable } from '#host/testing/strict-table.ts';
import type { Bucket } from '#shared/capabilities/bucket.ts';
import type { BusEvent } from '#shared/capabilities/bus.ts';
import type { Capabilities, CapabilityName, Home } from '#shared/capabilities/home.ts';
import type { Item, Table } from '#shared/capabilities/table.ts';
import type { LambdaFunction } from '#shared/lambda/lambda-function.ts';
import type { StreamBatchResponse } from '#shared/lambda/on-change.ts';
import type { S3Event } from '#shared/lambda/on-upload.ts';
import { handler as onFirmwareUploaded } from '../functions/on-firmware-uploaded/handler.ts';
import { handler as relayOutbox } from '../functions/relay-outbox/handler.ts';
import { streamEventOf } from './stream-event.ts';

/** A small home for this service's functions: a real table that is as strict as DynamoDB, and a real bucket over HTTP. */
export interface FirmwareHome {
  readonly world: OpenStore['world'];
  readonly bucket: Bucket;
  /** What the bus was told. */
  readonly bus: BusEvent[];
  /** Upload events that no function has seen yet, oldest first; a test may repeat, reorder or drop them. */
  readonly uploadEvents: S3Event[];
  /** Stands before every write of the table; a test may let it fail or write something else first. */
  beforeWrite: () => Promise<void>;
  /** Stands before every copy in the bucket. */
  beforeCopy: () => Promise<void>;
  /** Stands before every completion of an upload. */
  beforeComplete: () => Promise<void>;
  /** Calls a function as its trigger would. */
  invoke<Event, Result>(handler: LambdaFunction<Event, Result>, event: Event): Promise<Result>;
  /** Hands every upload event to its function, once and in order. */
  deliverUploads(): Promise<void>;
  /** Ids of the uploads that were begun and neither completed nor aborted. */
  openUploads(): readonly string[];
  /** Lets the bucket give up every upload that was begun and not completed. */
  abandonUploads(): Promise<void>;
  /** Hands every change so far to the function behind the change stream. */
  relay(): Promise<StreamBatchResponse>;
  /** Everything that was ever written under keys that begin so, in order of writing. */
  written(sortKeyPrefix: string): readonly Item[];
  /** The log lines of all functions. */
  readonly lines: string[];
  close(): Promise<void>;
}

/** Opens one; the same on every run. */
export async function openFirmwareHome(): Promise<FirmwareHome> {
  const opened = openStore('firmware');
  const embedded = opened.store.table({
    name: 'firmware',
    stream: true,
    expiresBy: 'expiresAt',
    indexes: {
      byTenant: {
        partition: { attribute: 'tenant', type: 'string' },
        sort: { attribute: 'product', type: 'string' },
        projection: 'keys',
      },
    },
  });
  const uploadEvents: S3Event[] = [];
  const served = await serveBuckets({
    world: opened.world,
    onObjectCreated: async ({ bucket, key, sizeBytes, version }) => {
      if (!key.startsWith('uploads/')) return;
      // As S3 does it: the key is URL-encoded in the event.
      const object = { key: encodeURIComponent(key), size: sizeBytes, versionId: version };
      uploadEvents.push({ Records: [{ s3: { bucket: { name: bucket }, object } }] });
    },
  });
  const { bucket, uploads, downloads } = served.buckets.of('firmware');
  const open = new Map<string, string>();
  const changes = () => embedded.changes?.read(0, 10_000) ?? [];
  const at: FirmwareHome = {
    world: opened.world,
    bucket,
    bus: [],
    uploadEvents,
    lines: [],
    beforeWrite: async () => undefined,
    beforeCopy: async () => undefined,
    beforeComplete: async () => undefined,
    invoke: async (handler, event) => (await handler.on(home))(event, CONTEXT),
    deliverUploads: async () => {
      for (const event of uploadEvents.splice(0)) await at.invoke(onFirmwareUploaded, event);
    },
    openUploads: () => [...open.keys()],
    abandonUploads: async () => {
      for (const [uploadId, key] of open) await uploads.abort(key, uploadId);
      open.clear();
    },
    relay: () => at.invoke(relayOutbox, streamEventOf(changes())),
    written: (prefix) =>
      changes().flatMap(({ keys, after }) => (after && keys.sk.startsWith(prefix) ? [after] : [])),
    close: async () => {
      await closeAll(served, opened);
    },
  };
  const strict = strictTable(embedded, { world: opened.world });
  const table: Table = {
    ...strict,
    transact: async (writes, options) => {
      await at.beforeWrite();
      return strict.transact(writes, options);
    },
  };
  let nextId = 0;
  const provided: Partial<Capabilities> = {
    table,
    bucket: {
      put: (key, body) => bucket.put(key, body),
      head: (key) => bucket.head(key),
      read: (key, options) => bucket.read(key, options),
      remove: (key) => bucket.remove(key),
      list: (prefix, options) => bucket.list(prefix, options),
      copy: async (from, to) => {
        await at.beforeCopy();
        return bucket.copy(from, to);
      },
    },
    uploads: {
      begin: async (key, options) => {
        const upload = await uploads.begin(key, options);
        open.set(upload.uploadId, key);
        return upload;
      },
      renew: (key, uploadId, options) => uploads.renew(key, uploadId, options),
      complete: async (key, uploadId, parts) => {
        await at.beforeComplete();
        await uploads.complete(key, uploadId, parts);
        open.delete(uploadId);
      },
      abort: async (key, uploadId) => {
        await uploads.abort(key, uploadId);
        open.delete(uploadId);
      },
    },
    downloads,
    bus: {
      publish: async (events) => {
        at.bus.push(...events);
        return { failed: [] };
      },
    },
    clock: {
      now: () => opened.world.now(),
      // Time stands still in these tests; a turn is enough to let others come first.
      pause: () => new Promise((resolve) => setImmediate(resolve)),
    },
    ids: {
      next: () => `01JD4Z6Q7R8S9T0V1W2X${String(nextId++).padStart(6, '0')}`,
      random: () => opened.world.random(),
    },
  };
  const home: Home = {
    async provide<Name extends CapabilityName>(name: Name, variable: string) {
      const found = provided[name];
      if (found === undefined || !VARIABLES[name]?.includes(variable)) {
        throw new TypeError(`this home has no ${name} ${variable}`);
      }
      return found;
    },
    setting: () => 'firmware-storage',
    writeLine: (line) => at.lines.push(line),
  };
  return at;
}

async function closeAll(served: ServedBuckets, opened: OpenStore): Promise<void> {
  await served.close();
  await opened.close();
  if (served.faults.length > 0) throw new AggregateError(served.faults, 'the buckets had faults');
}

/** Environment variables that name each capability. */
const VARIABLES: Partial<Record<CapabilityName, readonly string[]>> = {
  table: ['FIRMWARE_TABLE'],
  bucket: ['FIRMWARE_BUCKET'],
  uploads: ['FIRMWARE_BUCKET'],
  downloads: ['FIRMWARE_BUCKET'],
  bus: ['EVENT_BUS'],
  clock: [''],
  ids: [''],
};

/** What Lambda passes besides the event: the parts that the chain reads. */
// The rest of Lambda's context is not read by anything here.
const CONTEXT = {
  awsRequestId: 'request',
  functionName: 'function',
  functionVersion: '1',
  invokedFunctionArn: 'arn',
  memoryLimitInMB: '256',
  getRemainingTimeInMillis: () => 10_000,
} as unknown as Parameters<Awaited<ReturnType<LambdaFunction<unknown, unknown>['on']>>>[1];
