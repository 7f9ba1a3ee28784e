import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Host } from '#host/host.ts';
import { openSigner } from '#host/identity/local-signer.ts';
import { readPublishTopic } from '#host/iot/publish-topic.ts';
import type { FunctionPool } from '#host/runtime/function-pool.ts';
import type { ApiResponse } from '#host/runtime/triggers/http-api.ts';
import { readServices } from '#host/serverless/read-services.ts';
import type { EmbeddedQueue } from '#host/store/embedded-queue.ts';
import { EmbeddedStore } from '#host/store/embedded-store.ts';
import type { BusEvent } from '#shared/capabilities/bus.ts';
import type { Table } from '#shared/capabilities/table.ts';
import type { Role } from '#shared/contracts/api/route.ts';
import { type Upward, upTopic } from '#shared/contracts/device/topics.ts';
import type { VirtualWorld } from '#shared/world/virtual-world.ts';
import { drive, driveUntil } from './drive.ts';
import { withForeignResources } from './foreign-resources.ts';
import { certificateIdOf, RecordingIdentity } from './recording-identity.ts';
import { RecordingLink, type SentDown } from './recording-link.ts';
import { strictBus } from './strict-bus.ts';
import { strictQueue } from './strict-queue.ts';
import { strictTable } from './strict-table.ts';
import { TurningWorld } from './turning-world.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const STAGE = 'test';

/** How the host of a test is made. */
export interface TestHostOptions {
  /** Folders in `services/`; all of them unless told. */
  readonly services?: readonly string[];
  /** A folder with a `serverless.yml` and `services/` of its own instead of the repository's. */
  readonly root?: string;
  readonly world?: VirtualWorld;
  /** Tables, queues and bus do what a friendlier home hides: conflicts, stale reads, duplicates, partial failure. */
  readonly strict?: boolean;
  /** How often the host looks at the clock, and marks that it is alive: an hour unless told, so that a day costs little. */
  readonly aliveEverySeconds?: number;
}

/** Who calls the API in a test; an admin of `acme` unless told. */
export interface TestCaller {
  readonly tenant?: string;
  readonly role?: Role;
  readonly name?: string;
}

/** An answer of the API with its body read. */
export interface TestAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shape their contract has fixed
  readonly body: any;
}

/** What lies in a dead-letter queue. */
export interface DeadLetter {
  readonly queue: string;
  readonly body: string;
}

/** The whole host in this process, on virtual time, without sockets. */
export class TestHost {
  readonly host: Host;
  readonly world: VirtualWorld;
  readonly link: RecordingLink;
  readonly identity: RecordingIdentity;
  /** What functions and host have logged, parsed. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  /** Every event that was published on the bus. */
  readonly events: readonly BusEvent[];
  readonly #directory: string;

  /** For `startTestHost`. */
  constructor(
    parts: Pick<TestHost, 'host' | 'world' | 'link' | 'identity' | 'lines' | 'events'>,
    directory: string,
  ) {
    this.host = parts.host;
    this.world = parts.world;
    this.link = parts.link;
    this.identity = parts.identity;
    this.lines = parts.lines;
    this.events = parts.events;
    this.#directory = directory;
  }

  /**
   * Runs a function through its pool and with its rights; answers what it returns, throws what it throws. `functionKey` is
   * its key, or `<service>/<key>` where several services have one of that key.
   */
  invoke(functionKey: string, event: unknown): Promise<unknown> {
    return this.#drive(this.#poolOf(functionKey).invoke(event));
  }

  /** Calls the API as the HTTPS server would, as a caller whose token says so. */
  async http(method: string, target: string, body?: unknown, caller: TestCaller = {}): Promise<TestAnswer> {
    const { tenant = 'acme', role = 'admin', name = 'ada' } = caller;
    const [requestPath = '', rawQuery = ''] = target.split('?');
    const response: ApiResponse = await this.#drive(
      this.host.api.handle({
        method,
        path: requestPath,
        rawQuery,
        headers: { 'content-type': 'application/json' },
        body: body === undefined ? undefined : Buffer.from(JSON.stringify(body)),
        sourceIp: '127.0.0.1',
        claims: { tenant, role, sub: name },
      }),
    );
    return {
      status: response.statusCode,
      body: response.body === '' ? undefined : JSON.parse(response.body),
    };
  }

  /**
   * A device publishes: `kind` is the last level of its topic, or a whole topic; the payload is sent as JSON unless it is
   * bytes. Resolves when the broker would acknowledge.
   */
  async publishFromDevice(
    thing: string,
    kind: Upward | (string & {}),
    payload: unknown,
    certificateId = certificateIdOf(thing),
  ): Promise<void> {
    const topic = kind.includes('/') ? kind : upTopic(thing, kind as Upward);
    const bytes = payload instanceof Uint8Array ? payload : Buffer.from(JSON.stringify(payload));
    const to = readPublishTopic(topic);
    await this.#drive(
      this.host.rules.publish(to, {
        topic: to.topic,
        payload: bytes,
        clientId: thing,
        principal: certificateId,
        timestampMs: this.world.now(),
      }),
    );
  }

  /** What functions have sent on topics of that thing (`ek/<thing>/...`), in order. */
  deviceMessages(thing: string): readonly SentDown[] {
    return this.link.sent.filter(({ topic }) => topic.startsWith(`ek/${thing}/`));
  }

  /**
   * Until nothing runs and nothing waits to be delivered now: lets windows in which batches of queues are gathered pass, but no
   * longer one of a change stream, no pause before a retry and no delay of a message.
   */
  async settle(): Promise<void> {
    for (;;) {
      await this.#untilIdle();
      const untilMs = Math.min(
        ...this.host.triggers.all.map((trigger) => trigger.gatheringUntilMs ?? Number.POSITIVE_INFINITY),
      );
      if (untilMs === Number.POSITIVE_INFINITY) return;
      await this.world.advance(Math.max(0, untilMs - this.world.monotonicMs()));
    }
  }

  /** Lets so much time pass, and everything that falls due in it happen. */
  async advance(durationMs: number): Promise<void> {
    await this.world.advance(durationMs);
    await this.#untilIdle();
  }

  /** The table `evenkeel-<stage>-<name>`, friendly even in a strict host. */
  table(name: string): Table {
    return this.host.resources.table(`evenkeel-${STAGE}-${name}`);
  }

  /** The queue `evenkeel-<stage>-<name>`. */
  queue(name: string): EmbeddedQueue {
    return this.host.resources.queue(`evenkeel-${STAGE}-${name}`);
  }

  /** Everything in queues whose name ends in `-dead`. It stays there; only a second look within the same second misses it. */
  async deadLetters(): Promise<DeadLetter[]> {
    const names = this.host.resources.queueNames.filter((name) => name.endsWith('-dead'));
    const letters = names.map(async (queue) => {
      const found = await this.#drive(this.host.resources.queue(queue).receive(1000, 1));
      return found.map(({ body }) => ({ queue: queue.replace(`evenkeel-${STAGE}-`, ''), body }));
    });
    return (await Promise.all(letters)).flat();
  }

  /** Rights in the functions' statements that nothing has used so far. */
  unusedRights(): string[] {
    return this.host.functions.unusedRights();
  }

  /** Ends the host and removes its directory. */
  async stop(): Promise<void> {
    await this.#drive(this.host.stop());
    this.host.store.close();
    await rm(this.#directory, { recursive: true, force: true });
  }

  #poolOf(functionKey: string): FunctionPool {
    const [key = '', service] = functionKey.split('/').reverse();
    const isMeant = (name: string) =>
      service === undefined ? name.endsWith(`-${STAGE}-${key}`) : name === `${service}-${STAGE}-${key}`;
    const [pool, ...others] = this.host.functions.pools.filter(({ name }) => isMeant(name));
    if (pool === undefined || others.length > 0) {
      throw new Error(`${functionKey} names ${others.length === 0 ? 'no function' : 'several functions'}`);
    }
    return pool;
  }

  /** Moves the world on until `work` has ended. */
  async #drive<T>(work: Promise<T>): Promise<T> {
    return drive(this.world, work);
  }

  async #untilIdle(): Promise<void> {
    await driveUntil(this.world, () => !this.host.isBusy);
    await this.world.settle();
    if (this.host.isBusy) await this.#untilIdle();
  }
}

/** Starts the services in this process on a temporary directory, without sockets. */
export async function startTestHost(options: TestHostOptions = {}): Promise<TestHost> {
  const { services: only, root = ROOT, world = new TurningWorld('test-host'), strict = false } = options;
  const { aliveEverySeconds = 3_600 } = options;
  const read = readServices({ root, stage: STAGE, ...(only !== undefined && { only }) });
  const [platform = read.platform, ...services] = withForeignResources([read.platform, ...read.services]);
  const directory = await mkdtemp(path.join(tmpdir(), 'evenkeel-host-'));
  const link = new RecordingLink();
  const identity = new RecordingIdentity();
  const lines: Readonly<Record<string, unknown>>[] = [];
  const events: BusEvent[] = [];
  const store = new EmbeddedStore({
    world,
    onFatal: (error) => {
      throw error;
    },
  });
  const opening = Host.open({
    services: { platform, services },
    store,
    directory,
    world,
    writeLine: (line) => lines.push(JSON.parse(line)),
    publicUrl: 'https://localhost:8443',
    link,
    identity,
    signer: await openSigner(directory),
    aliveEverySeconds,
    wrap: {
      bus: (bus) => {
        const kept = strict ? strictBus(bus, { world }) : bus;
        return {
          publish: async (published) => {
            const answer = await kept.publish(published);
            events.push(...published.filter((_, at) => !answer.failed.includes(at)));
            return answer;
          },
        };
      },
      ...(strict && {
        table: (table) => strictTable(table, { world }),
        queue: (queue) => strictQueue(queue, { world }),
      }),
    },
  });
  const host = await drive(world, opening);
  const testHost = new TestHost({ host, world, link, identity, lines, events }, directory);
  await drive(world, host.start());
  return testHost;
}
