import type { Bus, BusEvent } from '#shared/capabilities/bus.ts';
import { checkEvent } from '#shared/capabilities/limits/event.ts';
import type { World } from '#shared/world/world.ts';
import { bridgeEvent } from '../events/bridge-event.ts';
import type { Matches } from '../events/pattern.ts';
import type { Database } from './database.ts';
import type { EmbeddedQueue } from './embedded-queue.ts';
import type { QueueDefinition } from './queue-definition.ts';

const ALL_ACCEPTED = { failed: [] } as const;

interface Rule {
  readonly matches: Matches;
  readonly queue: EmbeddedQueue;
}

/** How long a rule tries to deliver, and where what it cannot deliver goes. */
export type RulePolicy = Pick<QueueDefinition, 'redrive' | 'retentionSeconds'>;

/**
 * A durable bus: an event becomes one message in the queue of each rule that it matches, in the transaction in which it
 * was published, so that every rule has its own retries.
 */
export class EmbeddedBus implements Bus {
  readonly #database: Database;
  readonly #world: World;
  readonly #openQueue: (definition: QueueDefinition) => EmbeddedQueue;
  readonly #rules: Rule[] = [];

  constructor(database: Database, world: World, openQueue: (definition: QueueDefinition) => EmbeddedQueue) {
    this.#database = database;
    this.#world = world;
    this.#openQueue = openQueue;
  }

  /**
   * From now on each event that `matches` comes to the queue that is answered, its body the JSON of what EventBridge
   * hands to a target. Under the same name as before a restart it is the same queue, with what was not delivered yet.
   */
  subscribe(rule: string, matches: Matches, policy: RulePolicy = {}): EmbeddedQueue {
    const queue = this.#openQueue({ name: `rule.${rule}`, ...policy });
    this.#rules.push({ matches, queue });
    return queue;
  }

  async publish(events: readonly BusEvent[]): Promise<{ readonly failed: readonly number[] }> {
    events.forEach(checkEvent);
    const nowMs = this.#world.now();
    const bridged = events.map((event) => bridgeEvent(event, nowMs));
    this.#database.write(() => {
      for (const event of bridged) {
        const wanted = this.#rules.filter(({ matches }) => matches(event));
        const body = wanted.length === 0 ? '' : JSON.stringify(event);
        for (const { queue } of wanted) queue.enqueue({ body });
      }
    });
    await this.#database.committed();
    return ALL_ACCEPTED;
  }
}
