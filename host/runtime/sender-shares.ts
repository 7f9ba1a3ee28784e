/** What is taken down of one sender while anything of it has not come to its end. */
interface Open {
  count: number;
  /** What it sent last, and whether that was lost. */
  newest: object;
  isNewestLost: boolean;
}

/** A device that keeps to the protocol has one question open, or a few where answers are slow. */
const MOST_OF_ONE = 8;

/**
 * What senders have open, so that none takes the place of others, and none is counted as many: a sender counts once from when it has
 * something open until it has nothing any more, and as lost only where what it sent last was. Who asks again and again while answers are
 * slow is one who waits.
 */
export class SenderShares {
  readonly #open = new Map<string, Open>();
  #taken = 0;
  #lost = 0;

  /** Senders that were to be heard so far, each counted as often as it came with nothing open. */
  get taken(): number {
    return this.#taken;
  }

  /** Of those, the ones that were not heard. */
  get lost(): number {
    return this.#lost;
  }

  /** Whether that sender may have no more open than it has. */
  isFull(sender: string): boolean {
    return (this.#open.get(sender)?.count ?? 0) >= MOST_OF_ONE;
  }

  /** That sender has come with `one`; nobody in particular where it is `undefined`. */
  begin(sender: string | undefined, one: object): void {
    const open = sender === undefined ? undefined : this.#open.get(sender);
    if (open === undefined) this.#taken += 1;
    if (sender === undefined) return;
    this.#open.set(sender, { count: (open?.count ?? 0) + 1, newest: one, isNewestLost: false });
  }

  /** `one` has come to its end, looked at or not. */
  end(sender: string | undefined, one: object, isLost: boolean): void {
    const open = sender === undefined ? undefined : this.#open.get(sender);
    if (sender === undefined || open === undefined) {
      if (isLost) this.#lost += 1;
      return;
    }
    if (open.newest === one) open.isNewestLost = isLost;
    open.count -= 1;
    if (open.count > 0) return;
    this.#open.delete(sender);
    if (open.isNewestLost) this.#lost += 1;
  }
}
