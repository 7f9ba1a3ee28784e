import type { Ids } from '#shared/capabilities/ids.ts';
import { RolloutChanged } from '#shared/contracts/events/rollout-events.ts';
import type { World } from '#shared/world/world.ts';
import { bridgeEvent } from '../events/bridge-event.ts';
import { compilePattern } from '../events/pattern.ts';
import type { HostLog } from '../runtime/host-log.ts';
import type { Invocable } from '../runtime/invocable.ts';
import type { EmbeddedQueue } from '../store/embedded-queue.ts';
import type { EmbeddedStore } from '../store/embedded-store.ts';
import { Delivery } from './delivery.ts';
import { Lookout, type Sight } from './lookout.ts';
import { HostStarted, TroubleSeen } from './notification.ts';

/**
 * Changes that may stand for devices being hurt. They wait in a line of their own: a receiver that hangs takes its time over each event, and
 * whoever sleeps must not be woken later for it.
 */
const URGENT_CHANGES = ['halted', 'stalled', 'paused'];

/** Longer than anything is tried, so that giving up is the delivery's decision and stands in the log. */
const RETENTION_SECONDS = 3 * 24 * 60 * 60;

/** What there is to tell of, and who is told. */
export interface NotifierParts {
  readonly store: EmbeddedStore;
  /** Hands a notification's event to the receiver; throws when it was not taken. */
  readonly receiver: Invocable & { close(): void };
  readonly sights: readonly Sight[];
  readonly world: World;
  readonly ids: Ids;
  readonly log: HostLog;
}

/**
 * Tells a receiver outside of what needs a person: changes of rollouts, from the bus, and what a lookout sees. Everything waits in
 * queues of its own on disk; nobody inside waits for the receiver, and what is urgent does not wait for what is not.
 */
export class Notifier {
  readonly #parts: NotifierParts;
  readonly #queue: EmbeddedQueue;
  readonly #deliveries: readonly Delivery[];
  readonly #lookout: Lookout;

  /** Subscribes; from now on nothing is missed, and nothing is sent before `start`. */
  constructor(parts: NotifierParts) {
    const { store, receiver, sights, world, log } = parts;
    this.#parts = parts;
    const { source, type } = RolloutChanged;
    const subscribe = (name: string, change: readonly unknown[]) => {
      const matches = compilePattern({ source: [source], 'detail-type': [type], detail: { change } });
      return store.bus.subscribe(name, matches, { retentionSeconds: RETENTION_SECONDS });
    };
    const urgent = subscribe('notify-urgent', URGENT_CHANGES);
    this.#queue = subscribe('notify', [{ 'anything-but': URGENT_CHANGES }]);
    this.#deliveries = [urgent, this.#queue].map((queue) => new Delivery({ queue, receiver, world, log }));
    this.#lookout = new Lookout({
      sights,
      world,
      tell: (sight, words) => this.#tell(sight, words),
      onFault: (error) => log.error('the host could not look after itself', error),
    });
  }

  /**
   * Begins to send, what was not taken before the last end first, and says that it has begun: whoever gets that knows that the
   * way to the receiver works, and that the host was away since `awayFromMs` (milliseconds since 1970; absent: never before there), or
   * serves the backup of `restoredFromMs`.
   */
  async start(since: Pick<HostStarted, 'awayFromMs' | 'restoredFromMs'> = {}): Promise<void> {
    await this.#send(HostStarted, { ...this.#stamp(this.#parts.world.now()), ...since });
    for (const delivery of this.#deliveries) delivery.start();
    this.#lookout.start();
  }

  /** Sends nothing any more; what the receiver has not taken stays for the next start. */
  async stop(): Promise<void> {
    await this.#lookout.stop();
    await Promise.all(this.#deliveries.map((delivery) => delivery.stop()));
  }

  async #tell({ name: trouble }: Sight, text: string): Promise<void> {
    await this.#send(TroubleSeen, { ...this.#stamp(this.#parts.world.now()), trouble, text });
  }

  #stamp(atMs: number): { readonly id: string; readonly atMs: number } {
    return { id: this.#parts.ids.next(), atMs };
  }

  /** Puts it behind what waits and is not urgent, once it is on disk. */
  async #send(
    { source, type }: { readonly source: string; readonly type: string },
    detail: HostStarted | TroubleSeen,
  ): Promise<void> {
    const event = bridgeEvent({ id: detail.id, source, type, detail }, detail.atMs);
    await this.#queue.send([{ body: JSON.stringify(event) }]);
  }
}
