import { type BucketsOptions, type HomeBuckets, openBuckets } from '#host/bucket/buckets.ts';
import type { Services } from '#host/serverless/read-services.ts';
import type { ServiceDefinition } from '#host/serverless/service-definition.ts';
import type { EmbeddedStore } from '#host/store/embedded-store.ts';
import type { DeviceLink } from '#shared/capabilities/device-link.ts';
import type { WriteLine } from '#shared/capabilities/home.ts';
import type { Identity } from '#shared/capabilities/identity.ts';
import type { Signer } from '#shared/capabilities/signer.ts';
import { KeyHeat } from '#shared/metering/key-heat.ts';
import { Ulids } from '#shared/world/ulids.ts';
import type { World } from '#shared/world/world.ts';
import { UsageLedger } from './metering/usage-ledger.ts';
import type { AsyncInvoker } from './runtime/async-invoker.ts';
import { buildRules } from './runtime/build-rules.ts';
import { Triggers } from './runtime/build-triggers.ts';
import { ClockWatch } from './runtime/clock-watch.ts';
import type { Bindable } from './runtime/function-pool.ts';
import { Functions } from './runtime/functions.ts';
import { Hearing } from './runtime/hearing.ts';
import { HostLog } from './runtime/host-log.ts';
import type { TakenCounts } from './runtime/lost-messages.ts';
import { RequestIds } from './runtime/request-ids.ts';
import { HostResources, type Wrap } from './runtime/resources.ts';
import { HttpApi } from './runtime/triggers/http-api.ts';
import type { IotRules } from './runtime/triggers/iot-rules.ts';
import { WorldClock } from './runtime/world-clock.ts';

/** Which services a host runs, on what world, and where its data lies. */
export interface HostOptions {
  /** The platform and the services that this host runs. */
  readonly services: Services;
  /** Tables, queues, bus and timers; whoever opened it closes it once the host has stopped. */
  readonly store: EmbeddedStore;
  /** Where the buckets are. */
  readonly directory: string;
  readonly world: World;
  /** Where log lines of functions and host go. */
  readonly writeLine: WriteLine;
  /** How the HTTPS server is reached, such as `https://localhost:8443`: begins every presigned URL. */
  readonly publicUrl: string;
  readonly link: DeviceLink;
  readonly identity: Identity;
  /** Whose key seals. */
  readonly signer: Signer;
  /** How often the host notes that it is alive; 1 unless told. */
  readonly aliveEverySeconds?: number;
  /** How often what was used of AWS is kept, which a crash forgets since the last time; 60 unless told. */
  readonly usageEverySeconds?: number;
  readonly wrap?: Wrap;
  /** Opens the buckets; those in files unless told. */
  readonly openBuckets?: (options: BucketsOptions) => Promise<HomeBuckets>;
  /** Gives the handler of a module file; imports it unless told. */
  readonly loadHandler?: (file: string) => Promise<Bindable>;
}

/** How long a graceful stop waits for invocations that run; Lambda would wait for none. */
const STOP_GRACE_MS = 15_000;

/** What a host is made of. */
interface HostParts {
  readonly store: EmbeddedStore;
  readonly buckets: HomeBuckets;
  readonly resources: HostResources;
  readonly functions: Functions;
  readonly triggers: Triggers;
  readonly rules: IotRules;
  readonly api: HttpApi;
  readonly log: HostLog;
  /** What AWS would bill for what the functions do. */
  readonly usage: UsageLedger;
  /** Write units by partition key and second, as DynamoDB would have to take them. */
  readonly heat: KeyHeat;
  /** The asynchronous invocations behind rules. */
  readonly invokers: readonly AsyncInvoker[];
}

/** The one-machine home without its sockets: store, functions and triggers of the services. */
export class Host implements HostParts {
  readonly store: HostParts['store'];
  readonly buckets: HostParts['buckets'];
  readonly resources: HostParts['resources'];
  readonly functions: HostParts['functions'];
  readonly triggers: HostParts['triggers'];
  readonly rules: HostParts['rules'];
  readonly api: HostParts['api'];
  readonly log: HostParts['log'];
  readonly usage: HostParts['usage'];
  readonly heat: HostParts['heat'];
  readonly invokers: HostParts['invokers'];
  readonly #hearing: Hearing;
  readonly #world: World;

  private constructor(
    parts: HostParts,
    { hearing, world }: { readonly hearing: Hearing; readonly world: World },
  ) {
    this.store = parts.store;
    this.buckets = parts.buckets;
    this.resources = parts.resources;
    this.functions = parts.functions;
    this.triggers = parts.triggers;
    this.rules = parts.rules;
    this.api = parts.api;
    this.log = parts.log;
    this.usage = parts.usage;
    this.heat = parts.heat;
    this.invokers = parts.invokers;
    this.#hearing = hearing;
    this.#world = world;
  }

  /**
   * Opens everything and runs nothing yet. Throws `ConfigurationError` for what the services ask and one machine does not
   * offer, by name.
   */
  static async open(options: HostOptions): Promise<Host> {
    const { services, store, world, writeLine, link, identity, signer, wrap = {}, loadHandler } = options;
    const definitions = [services.platform, ...services.services];
    const log = new HostLog(writeLine, world);
    const uploads = Promise.withResolvers<Triggers>();
    await using opened = new AsyncDisposableStack();
    // The index of the buckets gets columns that an earlier version does not know.
    await store.takeLayout();
    const buckets = await openBucketsOf(definitions, options, log, uploads.promise);
    opened.defer(() => buckets.close());
    const bucketOf = (name: string) => buckets.of(name);
    const heat = new KeyHeat(() => world.now());
    const usage = new UsageLedger({
      table: store.table({ name: 'usage' }),
      world,
      log,
      keepEverySeconds: options.usageEverySeconds ?? 60,
    });
    const resources = new HostResources({ definitions, store, bucketOf, link, identity, signer, wrap, heat });
    const requestIds = new RequestIds(world);
    const ids = new Ulids(world);
    const watch = new ClockWatch(world);
    const clock = new WorldClock(world, watch);
    // When the host was last alive is for itself alone: no device waits each second until that is on disk.
    const table = store.table({ name: 'host', aside: true });
    const counts = () => sumOf(invokers);
    const everySeconds = options.aliveEverySeconds ?? 1;
    const ended = (): Promise<void> => functions.ended();
    const hearing = new Hearing({ table, world, ids, log, everySeconds, clock: watch, ended, counts });
    const functions = new Functions(definitions, {
      resources,
      world,
      clock,
      ids,
      usage,
      requestIds,
      writeLine,
      before: () => hearing.untold(),
      ...(loadHandler && { loadHandler }),
    });
    const onFault = (error: unknown) => log.error('a request could not be answered', error);
    const api = new HttpApi({ world, requestIds, committed: () => store.committed(), onFault });
    const triggers = await Triggers.build(definitions, { store, resources, functions, api, world, log });
    uploads.resolve(triggers);
    const { rules, invokers } = buildRules(definitions, { resources, functions, world, log });
    opened.move();
    return new Host(
      { store, buckets, resources, functions, triggers, rules, api, log, usage, heat, invokers },
      { hearing, world },
    );
  }

  /**
   * First tells who must know that devices were not heard, and that what the host keeps is a backup of `restoredFromMs` if it is one;
   * then goes on with everything that was pending. Answers since when they were not heard (milliseconds since 1970), if this is not
   * the first start.
   */
  async start({ restoredFromMs }: { readonly restoredFromMs?: number } = {}): Promise<number | undefined> {
    const listenersOf = (event: unknown) => this.triggers.listenersOf(event);
    const unheardFromMs = await this.#hearing.tellInterruption(listenersOf, restoredFromMs);
    this.#hearing.start(listenersOf);
    await this.buckets.start();
    for (const trigger of this.triggers.all) trigger.start();
    return unheardFromMs;
  }

  /** Until when it had run by the clock before, where the clock was put back since (milliseconds since 1970). */
  get ranUntilMs(): number | undefined {
    return this.#hearing.ranUntilMs;
  }

  /** Whether something runs at this moment, apart from what waits for a time to come. */
  get isBusy(): boolean {
    return (
      this.triggers.all.some((trigger) => trigger.isBusy) ||
      this.invokers.some((invoker) => invoker.running > 0) ||
      this.functions.pools.some((pool) => pool.busy > 0)
    );
  }

  /** Takes nothing in any more, waits a while for what runs, and closes all but the store. */
  async stop(): Promise<void> {
    const stopped = Promise.all([
      ...this.triggers.all.map((trigger) => trigger.stop()),
      ...this.invokers.map((invoker) => invoker.stop()),
    ]);
    await within(this.#world, STOP_GRACE_MS, stopped);
    for (const pool of this.functions.pools) pool.close();
    await this.#hearing.stop();
    await this.usage.stop();
    await this.buckets.close();
  }
}

/** Opens the buckets that the services define; who is to hear of uploads is not known before its functions are. */
function openBucketsOf(
  definitions: readonly ServiceDefinition[],
  { openBuckets: open = openBuckets, directory, publicUrl, world }: HostOptions,
  log: HostLog,
  triggers: Promise<Triggers>,
): Promise<HomeBuckets> {
  const buckets = definitions.flatMap((definition) => definition.buckets);
  return open({
    directory,
    buckets: buckets.map(({ name }) => name),
    expiries: new Map(buckets.map(({ name, expiries }) => [name, expiries])),
    baseUrl: publicUrl,
    world,
    onObjectCreated: async (object) => (await triggers).objectCreated(object),
    onFault: (error) => log.error('a bucket failed', error),
  });
}

/** What became of all that was handed to functions directly. */
const sumOf = (invokers: readonly AsyncInvoker[]): TakenCounts =>
  invokers.reduce((sum, { counts }) => ({ taken: sum.taken + counts.taken, lost: sum.lost + counts.lost }), {
    taken: 0,
    lost: 0,
  });

/** Resolves once `work` has ended, or that much time has passed. */
async function within(world: World, limitMs: number, work: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const cancel = world.after(limitMs, late.resolve);
  await Promise.race([work, late.promise]);
  cancel();
}
