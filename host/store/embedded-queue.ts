import type { Backlog, Unread } from '#shared/capabilities/backlog.ts';
import {
  checkMessage,
  checkSeconds,
  VISIBILITY_LIMIT_SECONDS,
} from '#shared/capabilities/limits/queue-limits.ts';

import type { OutgoingMessage, Queue } from '#shared/capabilities/queue.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import type { Cancel, World } from '#shared/world/world.ts';
import type { Catalog } from './catalog.ts';
import type { Database } from './database.ts';
import { Listeners } from './listeners.ts';
import type { QueueDefinition } from './queue-definition.ts';
import { type NewMessage, type QueueRow, QueueRows } from './queue-rows.ts';
import type { QueueSource, ReceivedMessage } from './queue-source.ts';
import { receiptOf, receivedMessage } from './receipt.ts';
import { ServedTime } from './served-time.ts';
import { Visibility } from './visibility.ts';

/** SQS: kept for four days unless told. */
const RETENTION_SECONDS = 4 * 24 * 60 * 60;

const ALL_ACCEPTED = { failed: [] } as const;

/** What the queues of one store share. */
export interface QueueParts {
  readonly database: Database;
  readonly catalog: Catalog;
  readonly world: World;
}

/**
 * A durable queue. Messages and how often they were received are on disk; who holds which is not, because nobody holds
 * any after a restart: then all are receivable at once, except those whose delay has not passed.
 */
export class EmbeddedQueue implements Queue, Backlog, QueueSource {
  readonly definition: QueueDefinition;
  readonly #database: Database;
  readonly #world: World;
  readonly #rows: QueueRows;
  readonly #deadLetterQueue: EmbeddedQueue | undefined;
  readonly #listeners: Listeners;
  readonly #visibility: Visibility;
  readonly #served: ServedTime;
  /** All messages without a delay from here on have not been received since this process began. */
  #freshFromId = 0;

  /** `deadLetterQueue` is the one that the definition names. Throws `ConfigurationError` when it is missing. */
  constructor(parts: QueueParts, definition: QueueDefinition, deadLetterQueue?: EmbeddedQueue) {
    const { database, catalog, world } = parts;
    if (definition.redrive !== undefined && deadLetterQueue === undefined) {
      throw new ConfigurationError(`${definition.name}: ${definition.redrive.deadLetterQueue} is not there`);
    }
    this.definition = definition;
    this.#database = database;
    this.#world = world;
    this.#served = new ServedTime(world);
    this.#deadLetterQueue = deadLetterQueue;
    this.#rows = new QueueRows(database, catalog, definition.name, world.now());
    this.#listeners = new Listeners(database);
    this.#visibility = new Visibility(world, () => this.#listeners.tellAfterCommit());
    for (const { id, sentAtMs, visibleAtMs } of this.#rows.delayed()) {
      // By a clock that was put back meanwhile it would wait until that has come there again: no longer than its whole delay, then.
      const leftMs = visibleAtMs - Math.max(sentAtMs, world.now());
      this.#visibility.hide(leftMs, [{ id, receiveCount: 0 }]);
    }
  }

  async send(messages: readonly OutgoingMessage[]): Promise<{ readonly failed: readonly number[] }> {
    messages.forEach(checkMessage);
    this.#database.write(() => {
      for (const message of messages) this.enqueue(message);
    });
    await this.#database.committed();
    return ALL_ACCEPTED;
  }

  /** Sends a checked message within the present write of the database. */
  enqueue({ body, delaySeconds = 0 }: OutgoingMessage): void {
    const sentAtMs = this.#world.now();
    const delayMs = delaySeconds * 1000;
    const id = this.#rows.append({ body, sentAtMs, visibleAtMs: delayMs === 0 ? 0 : sentAtMs + delayMs });
    if (delayMs === 0) this.#listeners.tellAfterCommit();
    else this.#visibility.hide(delayMs, [{ id, receiveCount: 0 }]);
  }

  async unread(): Promise<Unread> {
    const nowMs = this.#world.now();
    const oldestSentAtMs = this.#rows.oldestSentAtMs(nowMs);
    const messages = this.#rows.count;
    if (oldestSentAtMs === undefined) return { messages };
    return { messages, oldestSentAtMs, oldestAgeMs: nowMs - oldestSentAtMs };
  }

  async receive(max: number, visibilityTimeoutSeconds: number): Promise<readonly ReceivedMessage[]> {
    checkSeconds('visibilityTimeoutSeconds', visibilityTimeoutSeconds, 1, VISIBILITY_LIMIT_SECONDS);
    if (!this.#visibility.hasReturned && this.#freshFromId >= this.#rows.nextId) return [];
    const received = this.#database.write(() => this.#take(max));
    this.#visibility.hide(visibilityTimeoutSeconds * 1000, received);
    // Counted on disk before anyone works on it: a message that kills the process must reach its limit too.
    await this.#database.committed();
    return received.map(receivedMessage);
  }

  async remove(receiptHandles: readonly string[]): Promise<void> {
    const receipts = receiptHandles.map(receiptOf);
    this.#database.write(() => {
      for (const { id, receiveCount } of receipts) {
        if (this.#rows.remove(id, receiveCount)) this.#visibility.forget(id);
      }
    });
    await this.#database.committed();
  }

  async release(receiptHandles: readonly string[], delaySeconds: number): Promise<void> {
    checkSeconds('delaySeconds', delaySeconds, 0, VISIBILITY_LIMIT_SECONDS);
    const held = receiptHandles.map(receiptOf).filter((receipt) => this.#visibility.isHeld(receipt));
    this.#visibility.hide(delaySeconds * 1000, held);
  }

  onArrival(run: () => void): Cancel {
    return this.#listeners.add(run);
  }

  /** Removes at most `limit` messages that are past their retention; answers how many. */
  removeOutdated(limit: number): number {
    if (this.#rows.count === 0) return 0;
    const outdated = this.#rows.sentBefore(this.#retainedFromMs(), limit);
    if (outdated.length === 0) return 0;
    this.#database.write(() => {
      for (const id of outdated) this.#drop(id);
    });
    return outdated.length;
  }

  /**
   * Sends the dead letters in this queue, which nobody holds, to the queues they came from, as new messages; answers
   * how many. Those of a queue that `sourceOf` does not know stay.
   */
  async redrive(sourceOf: (queue: string) => EmbeddedQueue | undefined): Promise<number> {
    let moved = 0;
    this.#database.write(() => {
      for (let fromId = 0; ; ) {
        const letters = this.#rows.deadLetters(fromId, 100);
        for (const { id, source, body } of letters) {
          fromId = id + 1;
          const queue = this.#visibility.isHidden(id) ? undefined : sourceOf(source);
          if (queue === undefined) continue;
          queue.enqueue({ body });
          this.#drop(id);
          moved += 1;
        }
        if (letters.length === 0) return;
      }
    });
    await this.#database.committed();
    return moved;
  }

  /** Removes messages for good, whoever holds them; answers those that were there. */
  async discard(ids: readonly number[]): Promise<readonly QueueRow[]> {
    const found = this.#database.write(() => {
      const rows = ids.map((id) => this.#rows.find(id)).filter((row) => row !== undefined);
      for (const { id } of rows) this.#drop(id);
      return rows;
    });
    await this.#database.committed();
    return found;
  }

  /** Ends the timers; the queue is not to be used any more. */
  close(): void {
    this.#visibility.close();
  }

  #take(max: number): QueueRow[] {
    const taken: QueueRow[] = [];
    for (let rows = this.#next(max); rows.length > 0; rows = this.#next(max - taken.length)) {
      for (const row of rows) {
        if (row.sentAtMs <= this.#retainedFromMs()) this.#drop(row.id);
        else if (!this.#moveToDeadLetters(row)) taken.push({ ...row, receiveCount: row.receiveCount + 1 });
      }
    }
    for (const { id, receiveCount } of taken) this.#rows.noteReceived(id, receiveCount);
    return taken;
  }

  #next(limit: number): QueueRow[] {
    const rows: QueueRow[] = [];
    while (rows.length < limit && this.#visibility.hasReturned) {
      const row = this.#rows.find(this.#visibility.takeReturned());
      if (row !== undefined) rows.push(row);
    }
    const wanted = limit - rows.length;
    if (wanted === 0 || this.#freshFromId >= this.#rows.nextId) return rows;
    const fresh = this.#rows.undelayed(this.#freshFromId, wanted);
    const last = fresh.length < wanted ? undefined : fresh.at(-1);
    this.#freshFromId = last === undefined ? this.#rows.nextId : last.id + 1;
    return [...rows, ...fresh];
  }

  #moveToDeadLetters({ id, body, sentAtMs, receiveCount }: QueueRow): boolean {
    const limit = this.definition.redrive?.maxReceiveCount ?? Number.POSITIVE_INFINITY;
    if (this.#deadLetterQueue === undefined || receiveCount < limit) return false;
    this.#deadLetterQueue.#accept({ body, sentAtMs, visibleAtMs: 0, source: this.definition.name });
    this.#drop(id);
    return true;
  }

  #accept(letter: NewMessage): void {
    this.#rows.append(letter);
    this.#listeners.tellAfterCommit();
  }

  #drop(id: number): void {
    this.#rows.remove(id);
    this.#visibility.forget(id);
  }

  /** Messages that were sent until then are past their retention. */
  #retainedFromMs(): number {
    return this.#served.retainedFromMs((this.definition.retentionSeconds ?? RETENTION_SECONDS) * 1000);
  }
}
