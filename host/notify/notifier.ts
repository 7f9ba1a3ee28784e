import type { Ids } from '#shared/capabilities/ids.ts';
import { RolloutChanged } from '#shared/contracts/events/rollout-events.ts';
import type { World } from '#shared/world/world.ts';
import { bridgeEvent } from '../events/bridge-event.ts';
import { compilePattern } from '../events/pattern.ts';
import type { HostLog } from '../runtime/host-log.ts';
import type { Invocable } from '../runtime/invocable.ts';
import { EventTrigger } from '../runtime/triggers/event-trigger.ts';
import type { EmbeddedQueue } from '../store/embedded-queue.ts';
import type { EmbeddedStore } from '../store/embedded-store.ts';
import { Lookout, type Sight } from './lookout.ts';
import { TroubleSeen } from './notification.ts';

const DAY_SECONDS = 24 * 60 * 60;
/** A receiver that is away is asked at least so often. */
const LONGEST_PAUSE_SECONDS = 300;

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
 * Tells a receiver outside of what needs a person: changes of rollouts, from the bus, and what a lookout sees. Everything waits in a
 * queue of its own on disk, for a day at most; nobody inside waits for the receiver.
 */
export class Notifier {
  readonly #parts: NotifierParts;
  readonly #queue: EmbeddedQueue;
  readonly #trigger: EventTrigger;
  readonly #lookout: Lookout;

  /** Subscribes; from now on nothing is missed, and nothing is sent before `start`. */
  constructor(parts: NotifierParts) {
    const { store, receiver, sights, world, log } = parts;
    this.#parts = parts;
    const { source, type } = RolloutChanged;
    const matches = compilePattern({ source: [source], 'detail-type': [type] });
    this.#queue = store.bus.subscribe('notify', matches, { retentionSeconds: 2 * DAY_SECONDS });
    this.#trigger = new EventTrigger(
      `notify -> ${receiver.name}`,
      {
        queue: this.#queue,
        pool: receiver,
        world,
        log,
        onGivenUp: (event, error) => this.#onGivenUp(event, error),
      },
      {
        maximumRetryAttempts: Number.POSITIVE_INFINITY,
        maximumEventAgeSeconds: DAY_SECONDS,
        longestPauseSeconds: LONGEST_PAUSE_SECONDS,
        // In the order in which it happened while all is well, and one connection to a receiver that hangs.
        mostAtOnce: 1,
      },
    );
    this.#lookout = new Lookout({
      sights,
      world,
      tell: (sight, words) => this.#tell(sight, words),
      onFault: (error) => log.error('the host could not look after itself', error),
    });
  }

  /** Begins to send, what was not taken before the last end first. */
  start(): void {
    this.#trigger.start();
    this.#lookout.start();
  }

  /** Sends nothing any more; what the receiver has not taken stays for the next start. */
  async stop(): Promise<void> {
    await this.#lookout.stop();
    const stopped = this.#trigger.stop();
    this.#parts.receiver.close();
    await stopped;
  }

  async #tell({ name: trouble }: Sight, text: string): Promise<void> {
    const { world, ids } = this.#parts;
    const { source, type } = TroubleSeen;
    const id = ids.next();
    const atMs = world.now();
    const detail: TroubleSeen = { id, atMs, trouble, text };
    await this.#queue.send([{ body: JSON.stringify(bridgeEvent({ id, source, type, detail }, atMs)) }]);
  }

  async #onGivenUp(event: unknown, error: unknown): Promise<void> {
    this.#parts.log.error('a notification was given up after a day', error, {
      receiver: this.#parts.receiver.name,
      notification: JSON.stringify(event).slice(0, 2_000),
    });
  }
}
