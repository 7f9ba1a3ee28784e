import { createHash } from 'node:crypto';
import { type OpenStore, openStore } from '#host/testing/open-store.ts';
import { strictTable } from '#host/testing/strict-table.ts';
import type { BusEvent } from '#shared/capabilities/bus.ts';
import type { Capabilities, CapabilityName, Home } from '#shared/capabilities/home.ts';
import type { IssuedCertificate } from '#shared/capabilities/identity.ts';
import type { Change, Table } from '#shared/capabilities/table.ts';
import { RefusedError } from '#shared/errors/errors.ts';
import type { LambdaFunction } from '#shared/lambda/lambda-function.ts';

/** A small home for this service's functions: real tables in a new directory, everything else remembered in lists. */
export interface RegistryHome {
  readonly world: OpenStore['world'];
  readonly presence: Table;
  readonly issued: { readonly thing: string; readonly attributes: Readonly<Record<string, string>> }[];
  readonly revoked: string[];
  readonly published: { readonly topic: string; readonly message: Record<string, unknown> }[];
  readonly bus: BusEvent[];
  /** Stands before every registry write; a test may let it fail or write something else first. */
  beforeWrite: () => Promise<void>;
  /** Calls a function as its trigger would. */
  invoke<Event, Result>(handler: LambdaFunction<Event, Result>, event: Event): Promise<Result>;
  /** Lets time pass until eventual reads see everything. */
  settle(): Promise<void>;
  /** Every change of the registry so far, as its change stream tells it. */
  changes(): readonly Change[];
  close(): Promise<void>;
}

/** Opens one; the seed decides ids. */
export function openRegistryHome(): RegistryHome {
  const opened = openStore('registry');
  const { world } = opened;
  const registryRows = opened.store.table({
    name: 'registry',
    stream: true,
    expiresBy: 'expiresAt',
    indexes: {
      byTenant: {
        partition: { attribute: 'tenant', type: 'string' },
        sort: { attribute: 'deviceId', type: 'string' },
        projection: 'keys',
      },
    },
  });
  // Nothing may count on what an embedded table is friendlier in than DynamoDB.
  const registry = strictTable(registryRows, { world });
  const presence = strictTable(opened.store.table({ name: 'presence' }), { world });
  let nextId = 0;
  const at: RegistryHome = {
    world,
    presence,
    issued: [],
    revoked: [],
    published: [],
    bus: [],
    beforeWrite: async () => undefined,
    invoke: async (handler, event) => (await handler.on(home))(event, CONTEXT),
    changes: () => registryRows.changes?.read(0, 1000) ?? [],
    // Longer than an eventual read is stale.
    settle: () => world.advance(1001),
    close: opened.close,
  };
  const guarded: Table = {
    get: (keys, options) => registry.get(keys, options),
    query: (query) => registry.query(query),
    putAll: (items) => registry.putAll(items),
    write: (write) => registry.write(write),
    transact: async (writes, options) => {
      await at.beforeWrite();
      return registry.transact(writes, options);
    },
  };
  const provided: Partial<Capabilities> = {
    clock: { now: () => world.now(), pause: (delayMs) => world.advance(delayMs) },
    ids: {
      next: () => `01JD4Z6Q7R8S9T0V1W2X${String(nextId++).padStart(6, '0')}`,
      random: () => world.random(),
    },
    bus: {
      publish: async (events) => {
        at.bus.push(...events);
        return { failed: [] };
      },
    },
    deviceLink: {
      publish: async (topic, payload) => {
        at.published.push({ topic, message: JSON.parse(Buffer.from(payload).toString()) });
      },
      disconnect: async () => undefined,
    },
    identity: {
      issue: async ({ thing, attributes, csrPem }) => {
        if (csrPem === 'torn') throw new RefusedError('csr', 'must be a PKCS#10 request in PEM');
        at.issued.push({ thing, attributes });
        return certificate(at.issued.length, csrPem === undefined);
      },
      revoke: async (_thing, certificateId) => {
        at.revoked.push(certificateId);
      },
    },
  };
  const home: Home = {
    async provide<Name extends CapabilityName>(name: Name, variable: string) {
      const tables: Partial<Record<string, Table>> = { REGISTRY_TABLE: guarded, PRESENCE_TABLE: presence };
      const found = name === 'table' ? tables[variable] : provided[name];
      if (found === undefined) throw new TypeError(`this home has no ${name} ${variable}`);
      // The key decides the type of what was found; a lookup by a generic key cannot say so.
      return found as Capabilities[Name];
    },
    setting: () => 'device-registry',
    writeLine: () => undefined,
  };
  return at;
}

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

function certificate(serial: number, withKey: boolean): IssuedCertificate {
  return {
    certificateId: createHash('sha256').update(String(serial)).digest('hex'),
    certificatePem: `certificate ${serial}`,
    authorityPem: 'authority',
    endpoint: 'localhost:8883',
    ...(withKey && { privateKeyPem: `key ${serial}` }),
  };
}
