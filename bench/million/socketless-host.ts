import path from 'node:path';
import { Host } from '#host/host.ts';
import { openSigner } from '#host/identity/local-signer.ts';
import { readPublishTopic } from '#host/iot/publish-topic.ts';
import { readServices } from '#host/serverless/read-services.ts';
import { EmbeddedStore } from '#host/store/embedded-store.ts';
import type { QueueSource } from '#host/store/queue-source.ts';
import type { DeviceLink } from '#shared/capabilities/device-link.ts';
import type { Identity } from '#shared/capabilities/identity.ts';
import { keyOf } from '#shared/capabilities/key-of.ts';
import type { Queue } from '#shared/capabilities/queue.ts';
import type { Key, Table, TransactWrite } from '#shared/capabilities/table.ts';
import { type Upward, upTopic } from '#shared/contracts/device/topics.ts';
import { DrivenWorld } from './driven-world.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const STAGE = 'home';
const ADVANCE_QUEUE = `evenkeel-${STAGE}-advance`;
/** Lines of the log that are kept for whoever asks what went wrong. */
const KEPT_LINES = 20;

/** Whose fleet it is. */
export const TENANT = 'acme';

/** What was written through the functions' tables so far. */
export interface WriteCount {
  /** Items written or checked, one by one and in transactions. */
  items: number;
  /** A rollout that is over: what is still put away of it, item by item, is not counted. */
  over?: string;
}

/** Hears what functions send to devices: a topic and a JSON text, after the commit that covers it. */
export type OnDown = (topic: string, payload: Uint8Array) => void;

/**
 * The host as production runs it, all services and the store on disk with its durable settings, without its sockets and on a
 * clock that is driven.
 */
export class SocketlessHost {
  readonly world = new DrivenWorld();
  readonly writes: WriteCount = { items: 0 };
  /** The first lines of the log with level ERROR. */
  readonly errors: string[] = [];
  onDown: OnDown = () => undefined;
  /** Whether rollouts are looked at only when somebody invokes the function that does, and not by its queue. */
  looksAreHeld = false;
  #host: Host | undefined;
  #store: EmbeddedStore | undefined;

  /** Opens the services on that directory, starts their triggers and loads all functions, as a host does that serves. */
  static async open(directory: string): Promise<SocketlessHost> {
    const opened = new SocketlessHost();
    const { world, writes } = opened;
    const store = new EmbeddedStore({
      directory,
      world,
      flushesBeside: true,
      onFatal: (error) => {
        throw error;
      },
    });
    opened.#store = store;
    // As the broker does: nothing leaves before the commit that covers what it may have read.
    const link: DeviceLink = {
      publish: async (topic, payload) => {
        await store.committed();
        opened.onDown(topic, payload);
      },
      disconnect: () => Promise.resolve(),
    };
    opened.#host = await Host.open({
      services: readServices({ root: ROOT, stage: STAGE }),
      store,
      directory,
      world,
      link,
      identity: NOBODY_IS_REGISTERED,
      signer: await openSigner(directory),
      publicUrl: 'https://localhost:8443',
      writeLine: (line) => opened.#hear(line),
      wrap: {
        table: (table) => counted(table, writes),
        queue: (queue, { name }) => (name === ADVANCE_QUEUE ? held(queue, () => opened.looksAreHeld) : queue),
      },
    });
    await opened.#host.start();
    await Promise.all(opened.host.functions.pools.map((pool) => pool.warm()));
    return opened;
  }

  get host(): Host {
    if (this.#host === undefined) throw new Error('the host is not open');
    return this.#host;
  }

  /** Messages of devices that wait for a function, and those that were dropped because too many did. */
  get asked(): { readonly waiting: number; readonly dropped: number } {
    const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
    const { invokers } = this.host;
    return {
      waiting: sum(invokers.map(({ waiting }) => waiting)),
      dropped: sum(invokers.map(({ dropped }) => dropped)),
    };
  }

  /** The table of the rollout orchestrator, as its functions see it but uncounted. */
  get rollouts(): Table {
    return this.host.resources.table(`evenkeel-${STAGE}-rollouts`);
  }

  /** A device publishes; resolves when the broker would acknowledge. */
  publish(thing: string, certificateId: string, kind: Upward, payload: string): Promise<void> {
    const to = readPublishTopic(upTopic(thing, kind));
    const message = {
      topic: to.topic,
      payload: Buffer.from(payload),
      clientId: thing,
      principal: certificateId,
      timestampMs: this.world.now(),
    };
    return this.host.rules.publish(to, message);
  }

  /** Calls the API as an admin; answers its body. Throws what the API refuses. */
  async call(method: string, target: string, body?: unknown): Promise<Readonly<Record<string, unknown>>> {
    const response = await this.host.api.handle({
      method,
      path: target,
      rawQuery: '',
      headers: { 'content-type': 'application/json' },
      body: body === undefined ? undefined : Buffer.from(JSON.stringify(body)),
      sourceIp: '127.0.0.1',
      claims: { tenant: TENANT, role: 'admin', sub: 'bench' },
    });
    if (response.statusCode >= 300) throw new Error(`${method} ${target}: ${response.body}`);
    return response.body === '' ? {} : JSON.parse(response.body);
  }

  /** Hands an event to the function of that key. */
  async invoke(functionKey: string, event: unknown): Promise<void> {
    const pool = this.host.functions.pools.find(({ name }) => name.endsWith(`-${STAGE}-${functionKey}`));
    if (pool === undefined) throw new Error(`there is no function ${functionKey}`);
    await pool.invoke(event);
  }

  /**
   * Ends one turn of the event loop; where nothing is left to run, the clock goes on to the next timer, at most to `untilMs`. Where it
   * need not go on, nobody waits for the disk either: other devices have something to send.
   */
  async turn(untilMs: number): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (untilMs <= this.world.monotonicMs()) return;
    await this.#store?.committed();
    if (this.host.isBusy) return;
    const nextMs = this.world.nextMs ?? untilMs;
    this.world.goTo(Math.min(nextMs, untilMs));
  }

  async close(): Promise<void> {
    await this.#host?.stop();
    this.#store?.close();
  }

  #hear(line: string): void {
    if (this.errors.length < KEPT_LINES && line.includes('"level":"ERROR"')) this.errors.push(line);
  }
}

const refuse = () =>
  Promise.reject(new Error('devices are written by the set-up here, without certificates'));
const NOBODY_IS_REGISTERED: Identity = { issue: refuse, revoke: refuse };

/** The queue, which gives nobody a message while `isHeld` says so. */
const held = (queue: Queue & QueueSource, isHeld: () => boolean): Queue & QueueSource => ({
  send: (messages) => queue.send(messages),
  receive: (max, seconds) => (isHeld() ? Promise.resolve([]) : queue.receive(max, seconds)),
  remove: (handles) => queue.remove(handles),
  release: (handles, seconds) => queue.release(handles, seconds),
  onArrival: (run) => queue.onArrival(run),
});

/** The table with its writes counted. */
function counted(table: Table, count: WriteCount): Table {
  const note = (keys: readonly Key[]) => {
    const { over } = count;
    const own = keys.filter(({ pk, sk }) => over === undefined || !`${pk} ${sk}`.includes(over));
    count.items += own.length;
  };
  return {
    get: (keys, options) => table.get(keys, options),
    query: (query) => table.query(query),
    putAll: (items) => {
      note(items.map((put) => keyOf({ put })));
      return table.putAll(items);
    },
    write: (write) => {
      note([keyOf(write)]);
      return table.write(write);
    },
    transact: (writes: readonly TransactWrite[], options) => {
      note(writes.map(keyOf));
      return table.transact(writes, options);
    },
  };
}
