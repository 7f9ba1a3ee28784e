import type { World } from '#shared/world/world.ts';
import { type Awaited, Deadlines } from './deadlines.ts';
import type { Receipt } from './receipt.ts';

/** Messages that were hidden together, for the same time. */
class Batch implements Awaited {
  #ids: readonly number[];
  #left: number;

  constructor(ids: readonly number[]) {
    this.#ids = ids;
    this.#left = ids.length;
  }

  get ids(): readonly number[] {
    return this.#ids;
  }

  get isOver(): boolean {
    return this.#left === 0;
  }

  /** One of its messages has gone another way; answers whether it was the last. */
  leave(): boolean {
    this.#left -= 1;
    if (this.isOver) this.#ids = [];
    return this.isOver;
  }
}

interface Hidden {
  readonly receiveCount: number;
  readonly batch: Batch;
}

/** Which messages of a queue nobody may receive now, and which have come back. Held in memory: a restart frees all. */
export class Visibility {
  readonly #onReturn: () => void;
  readonly #deadlines: Deadlines<Batch>;
  /** In flight, released for later, or delayed (received 0 times). */
  readonly #hidden = new Map<number, Hidden>();
  readonly #returned = new Set<number>();
  /** Goes on where it is: from its beginning, a set steps over everything that was taken out of it before. */
  #nextReturned = this.#returned.values();

  /** `onReturn` is called when messages have come back. */
  constructor(world: World, onReturn: () => void) {
    this.#onReturn = onReturn;
    this.#deadlines = new Deadlines(world, (batch) => this.#return(batch));
  }

  /** Hides messages for `durationMs`, whatever hid them before; 0 or less brings them back at once. */
  hide(durationMs: number, receipts: readonly Receipt[]): void {
    if (receipts.length === 0) return;
    for (const { id } of receipts) this.forget(id);
    const batch = new Batch(receipts.map(({ id }) => id));
    for (const { id, receiveCount } of receipts) this.#hidden.set(id, { receiveCount, batch });
    if (durationMs <= 0) this.#return(batch);
    else this.#deadlines.add(durationMs, batch);
  }

  /** Whether this is the latest receipt of its message and the message is hidden by it. */
  isHeld(receipt: Receipt): boolean {
    return this.#hidden.get(receipt.id)?.receiveCount === receipt.receiveCount;
  }

  isHidden(id: number): boolean {
    return this.#hidden.has(id);
  }

  get hasReturned(): boolean {
    return this.#returned.size > 0;
  }

  /** Takes the message that came back first, which must be there. */
  takeReturned(): number {
    let next = this.#nextReturned.next();
    if (next.done === true) {
      this.#nextReturned = this.#returned.values();
      next = this.#nextReturned.next();
    }
    const id = next.value ?? 0;
    this.#returned.delete(id);
    return id;
  }

  /** The message is gone. */
  forget(id: number): void {
    const hidden = this.#hidden.get(id);
    if (hidden === undefined) {
      this.#returned.delete(id);
      return;
    }
    this.#hidden.delete(id);
    if (hidden.batch.leave()) this.#deadlines.noteOver();
  }

  /** Ends the timer; everything stays as it is. */
  close(): void {
    this.#deadlines.clear();
  }

  #return(batch: Batch): void {
    for (const id of batch.ids) {
      // Deleted, released or received again since: another batch decides, or none.
      if (this.#hidden.get(id)?.batch !== batch) continue;
      this.#hidden.delete(id);
      this.#returned.add(id);
    }
    this.#onReturn();
  }
}
