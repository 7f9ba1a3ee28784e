import type { Aedes, Client } from 'aedes';
import { Rounds } from '#host/rounds.ts';
import type { World } from '#shared/world/world.ts';
import { partsOf } from './untyped-aedes.ts';

/** IoT Core: a persistent session ends an hour after its client has left, and its messages with it. */
const SESSION_LIFE_MS = 3_600_000;
/** IoT Core: so many messages of QoS 1 may be unacknowledged. */
const MOST_UNACKNOWLEDGED = 100;
const LOOK_EVERY_MS = 60_000;

interface Named {
  readonly id: string;
}

interface Subscription {
  readonly topic: string;
}

/** Whether a client was allowed that filter. */
export type MayHear = (client: Client, filter: string) => boolean;

/** The parts of aedes' memory for sessions that have no bound of their own. */
export interface SessionMemory {
  outgoingEnqueueCombi(to: readonly { readonly clientId: string }[], packet: unknown): Promise<void>;
  /** Answers the message that was acknowledged, if it was there. */
  outgoingClearMessageId(client: Named, packet: unknown): Promise<unknown>;
  outgoingStream(client: Named): AsyncIterable<unknown>;
  cleanSubscriptions(client: Named): Promise<void>;
  addSubscriptions(client: Client, subscriptions: readonly Subscription[]): Promise<void>;
  streamWill(): Iterable<unknown>;
}

/** Ends the sessions of clients that do not come back, and bounds what waits for those that do. */
export class Sessions {
  readonly #memory: SessionMemory;
  readonly #world: World;
  readonly #rounds: Rounds;
  readonly #waiting = new Map<string, number>();
  /** Clients that have left a session behind, and when; the earliest first. */
  readonly #leftAtMs = new Map<string, number>();

  /** `mayHear` is asked of each filter before a session keeps it. */
  constructor(aedes: Aedes, world: World, onFault: (error: unknown) => void, mayHear: MayHear) {
    const { persistence } = partsOf(aedes);
    this.#memory = persistence;
    this.#world = world;
    this.#rounds = new Rounds(world, LOOK_EVERY_MS, () => this.#endOld(), onFault);
    this.#bound(persistence, mayHear);
    this.#rounds.start();
  }

  /** Messages that wait for that client, or for its acknowledgement. */
  waitingFor(clientId: string): number {
    return this.#waiting.get(clientId) ?? 0;
  }

  arrived(client: Client): void {
    this.#leftAtMs.delete(client.id);
  }

  left(client: Client): void {
    if (client.clean) return;
    this.#leftAtMs.delete(client.id);
    this.#leftAtMs.set(client.id, this.#world.now());
  }

  async stop(): Promise<void> {
    await this.#rounds.stop();
  }

  #bound(memory: SessionMemory, mayHear: MayHear): void {
    const add = memory.addSubscriptions.bind(memory);
    // aedes hands over all filters of a SUBSCRIBE as soon as one of them is allowed, those that end the connection included.
    memory.addSubscriptions = (client, subscriptions) =>
      add(
        client,
        subscriptions.filter(({ topic }) => mayHear(client, topic)),
      );
    // Every fourth minute aedes publishes the wills of brokers that it has not heard of for three, and knows no better of itself when
    // the clock leaps ahead: devices that are there would be spoken for as gone. There is no other broker.
    memory.streamWill = () => [];
    const enqueue = memory.outgoingEnqueueCombi.bind(memory);
    const clear = memory.outgoingClearMessageId.bind(memory);
    memory.outgoingEnqueueCombi = async (to, packet) => {
      if (to.length === 0) return;
      const fitting = to.filter(({ clientId }) => this.waitingFor(clientId) < MOST_UNACKNOWLEDGED);
      for (const { clientId } of fitting) this.#waiting.set(clientId, this.waitingFor(clientId) + 1);
      await enqueue(fitting, packet);
    };
    memory.outgoingClearMessageId = async (client, packet) => {
      const cleared = await clear(client, packet);
      if (cleared !== undefined) this.#noteCleared(client.id);
      return cleared;
    };
  }

  #noteCleared(clientId: string): void {
    const left = this.waitingFor(clientId) - 1;
    if (left > 0) this.#waiting.set(clientId, left);
    else this.#waiting.delete(clientId);
  }

  async #endOld(): Promise<void> {
    const untilMs = this.#world.now() - SESSION_LIFE_MS;
    for (const [id, leftAtMs] of this.#leftAtMs) {
      if (leftAtMs > untilMs) return;
      this.#leftAtMs.delete(id);
      await this.#memory.cleanSubscriptions({ id });
      for await (const packet of this.#memory.outgoingStream({ id })) {
        await this.#memory.outgoingClearMessageId({ id }, packet);
      }
    }
  }
}
