import { LifecycleEvents, SESSIONS_TABLE } from '#host/broker/lifecycle-events.ts';
import { Host } from '#host/host.ts';
import { readPublishTopic } from '#host/iot/publish-topic.ts';
import type { TableResource } from '#host/serverless/resource-definitions.ts';
import { EmbeddedStore } from '#host/store/embedded-store.ts';
import type { EmbeddedTable } from '#host/store/embedded-table.ts';
import { RecordingIdentity } from '#host/testing/recording-identity.ts';
import { type Upward, upTopic } from '#shared/contracts/device/topics.ts';
import type { Faults } from '../faults/faults.ts';
import type { Answered } from '../model/taken.ts';
import type { Story } from '../run/story.ts';
import type { SimulatedWorld, WorldView } from '../world/simulated-world.ts';
import { DiskContents } from './disk-contents.ts';
import type { LoadedServices } from './loaded-services.ts';
import { MemoryBuckets, MemoryDisk } from './memory-buckets.ts';
import { MemoryDatabase } from './memory-database.ts';
import type { UrlAnswer, UrlRequest } from './memory-urls.ts';
import { repeatableSigner } from './repeatable-signer.ts';

/** Who wants to know what the host does. */
export interface HostObserver {
  /** A table was opened, again after each crash. */
  onTable(table: EmbeddedTable, definition: TableResource): void;
  /** A function begins to run, with the clock that the host gives it. */
  onBegan(): void;
  /** A function has answered, as the host hears it. */
  onAnswered(answered: Answered): void;
  /** A function sends something to a device. */
  onPublish(topic: string, payload: Uint8Array): void;
  /** It begins to start. */
  onStart(): void;
  /** What was not yet durable is gone. */
  onCrash(): void;
  /** What is on its disk now is kept as a backup; what this answers is called when the disk is that again. */
  onBackedUp(): () => void;
  /** Its clock was set; so many milliseconds ahead of the true time from now on. */
  onClockSet(aheadMs: number): void;
  /** The store failed, or something else that must never happen. */
  onFatal(error: unknown): void;
}

/** What a host is made of, and what disturbs it. */
export interface SimulatedHostParts {
  readonly world: SimulatedWorld;
  readonly loaded: LoadedServices;
  readonly faults: Faults;
  readonly story: Story;
  readonly observer: HostObserver;
  /** Hands a message on to its device. */
  readonly deliver: (topic: string, payload: Uint8Array) => Promise<void>;
  /** The host serves, or has stopped serving. */
  readonly onUp: () => void;
  readonly onDown: () => void;
}

/** How often it notes that it can hear, and looks whether its clock was set. */
const LOOKS_EVERY_MS = 60_000;

interface Incarnation {
  readonly view: WorldView;
  readonly store: EmbeddedStore;
  host?: Host;
  buckets?: MemoryBuckets;
  /** Since when devices were not heard before it began, by its clock. */
  awayFromMs?: number;
}

/** The host of one history, through its crashes: the disk (a database and buckets in memory) outlives each incarnation. */
export class SimulatedHost {
  readonly disk = new MemoryDisk();
  readonly identity = new RecordingIdentity();
  readonly #parts: SimulatedHostParts;
  readonly #database = MemoryDatabase.take();
  /** What the disk holds, whether the host runs or not. */
  readonly contents = new DiskContents(this.#database, this.disk);
  #now: Incarnation | undefined;
  #starts = 0;
  #aheadMs = 0;
  #restoredFromMs: number | undefined;
  #up = Promise.withResolvers<void>();
  /** Called after each write of the orchestrator's table was made, before it is on disk. */
  onWrite: () => void = () => undefined;

  constructor(parts: SimulatedHostParts) {
    this.#parts = parts;
  }

  /** Whether it serves. */
  get isUp(): boolean {
    return this.#now?.host !== undefined;
  }

  /** Resolves once it serves. */
  serving(): Promise<void> {
    return this.#up.promise;
  }

  /** The host that serves. Throws when none does. */
  get running(): Host {
    const host = this.#now?.host;
    if (host === undefined) throw new Error('the host is down');
    return host;
  }

  /** Sets a start going, unless it runs; `onUp` is called once it serves. */
  start(): void {
    if (this.#now !== undefined) return;
    const { world, story, observer, onUp } = this.#parts;
    const name = `host-${++this.#starts}`;
    const view = world.view(name, this.#aheadMs);
    const store = new EmbeddedStore({
      memory: this.#database.connect(),
      world: view,
      onFatal: (error) => observer.onFatal(error),
      cacheMegabytes: 8,
    });
    const incarnation: Incarnation = { view, store };
    this.#now = incarnation;
    observer.onStart();
    this.#open(incarnation).then(
      (host) => {
        if (this.#now !== incarnation) return;
        incarnation.host = host;
        story.tell('host', 'serves');
        this.#up.resolve();
        onUp();
      },
      (error: unknown) => {
        if (this.#now === incarnation) observer.onFatal(error);
      },
    );
  }

  /** What its clock says, milliseconds since 1970. */
  get clockMs(): number {
    return this.#parts.world.nowMs + this.#aheadMs;
  }

  /** Sets its clock, whether it runs or not: by so many milliseconds ahead, or back where that is below 0. */
  setClock(byMs: number): void {
    this.#aheadMs += byMs;
    this.#now?.view.setClock(this.#aheadMs);
    this.#parts.story.tell('host', `has a clock that is ${Math.round(this.#aheadMs / 1000)} s ahead`);
    this.#parts.observer.onClockSet(this.#aheadMs);
  }

  /** Ends it as a loss of power would: nothing that was not committed survives, and nobody is told. */
  crash(): void {
    const now = this.#now;
    if (now === undefined) return;
    this.#now = undefined;
    this.#up = Promise.withResolvers();
    now.view.end();
    now.store.crash();
    this.#parts.story.tell('host', 'crashes');
    this.#parts.observer.onCrash();
    this.#parts.onDown();
  }

  /**
   * Makes a backup, as it could be made while it serves; `undefined` in the middle of a turn. What it answers ends the host and puts the
   * backup in the place of its disk: the next start is on that.
   */
  backUp(): (() => void) | undefined {
    const database = this.#database.copy();
    if (database === undefined) return undefined;
    const [buckets, takenAtMs, forget] = [this.disk.copy(), this.clockMs, this.#parts.observer.onBackedUp()];
    return () => {
      this.crash();
      database();
      buckets();
      this.#restoredFromMs = takenAtMs;
      this.#parts.story.tell('host', 'has the disk of a backup');
      forget();
    };
  }

  /** Ends it and forgets its disk: the history is over. */
  dispose(): void {
    this.#now?.view.end();
    this.#now?.store.crash();
    this.#now = undefined;
    this.#database.giveBack();
  }

  /** A device publishes; resolves when the broker acknowledges. */
  async publish(
    topic: string,
    payload: Uint8Array,
    from: { readonly thing: string; readonly certificateId: string },
  ): Promise<void> {
    const { rules, store } = this.running;
    const to = readPublishTopic(topic);
    const message = {
      topic: to.topic,
      payload: Buffer.from(payload),
      clientId: from.thing,
      principal: from.certificateId,
      timestampMs: this.clockMs,
    };
    await rules.publish(to, message);
    await store.committed();
  }

  /** Who tells of sessions with it, and of those that the one before it has left; `onLost` is called with the thing of an event that was lost. */
  tellSessions(onLost: (thing: string) => void): LifecycleEvents {
    const { rules, store, log } = this.running;
    const stream = this.#parts.world.stream(`sessions-${this.#starts}`);
    const events = new LifecycleEvents({
      onPublish: async (to, message) => {
        try {
          await rules.publish(to, message);
          await store.committed();
        } catch (error) {
          onLost(message.clientId);
          throw error;
        }
      },
      sessions: store.table(SESSIONS_TABLE),
      world: { now: () => this.clockMs, randomBytes: (size) => stream.bytes(size) },
      log,
    });
    void events.tellLeftOver(this.#now?.awayFromMs ?? this.clockMs);
    return events;
  }

  /** Something publishes in the name of a device, past its agent and its link. */
  publishAs(
    device: { readonly thing: string; readonly certificateId: string },
    kind: Upward,
    payload: Uint8Array,
  ): Promise<void> {
    return this.publish(upTopic(device.thing, kind), payload, device);
  }

  /** What the bucket's server answers to a request for a presigned URL. */
  fetchUrl(request: UrlRequest): UrlAnswer {
    const buckets = this.#now?.buckets;
    if (buckets === undefined) throw new Error('the host is down');
    return buckets.fetchUrl(request);
  }

  async #open(incarnation: Incarnation): Promise<Host> {
    const { loaded, faults, deliver, observer } = this.#parts;
    const { view, store } = incarnation;
    const host = await Host.open({
      services: loaded.services,
      store,
      directory: '',
      world: view,
      writeLine: () => undefined,
      publicUrl: 'https://home',
      identity: this.identity,
      signer: repeatableSigner,
      aliveEverySeconds: LOOKS_EVERY_MS / 1000,
      // Nothing is promised of what was used.
      usageEverySeconds: 3_600,
      link: {
        publish: async (topic, payload) => {
          await store.committed();
          // What a crash has ended says nothing any more.
          if (this.#now !== incarnation) await new Promise(() => undefined);
          observer.onPublish(topic, payload);
          void deliver(topic, payload);
        },
        disconnect: async () => undefined,
      },
      wrap: {
        table: (table, definition) => {
          observer.onTable(table, definition);
          // At the end of the microtasks of this write: nobody may be in the middle of it.
          table.observe(() => queueMicrotask(() => this.#now === incarnation && this.onWrite()));
          return faults.aroundTable(table);
        },
        queue: (queue) => faults.aroundQueue(queue),
        bus: (bus) => faults.aroundBus(bus),
      },
      openBuckets: async (options) => {
        incarnation.buckets = new MemoryBuckets(this.disk, options);
        return incarnation.buckets;
      },
      loadHandler: async (file) =>
        faults.aroundHandler(loaded, file, {
          began: () => {
            if (this.#now === incarnation) observer.onBegan();
          },
          answered: (answered) => {
            if (this.#now === incarnation) observer.onAnswered(answered);
          },
        }),
    });
    const restoredFromMs = this.#restoredFromMs;
    const awayFromMs = await host.start(restoredFromMs === undefined ? {} : { restoredFromMs });
    if (awayFromMs !== undefined) incarnation.awayFromMs = awayFromMs;
    // As the note of a backup: whoever must know it does.
    if (this.#now === incarnation) this.#restoredFromMs = undefined;
    return host;
  }
}
