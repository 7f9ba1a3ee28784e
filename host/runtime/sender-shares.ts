import type { World } from '#shared/world/world.ts';

/** What is taken down of one sender while anything of it has not come to its end. */
interface Open {
  count: number;
  /** What it sent last, and whether that was lost. */
  newest: object;
  isNewestLost: boolean;
}

/** A device that keeps to the protocol has one question open, or a few where answers are slow. */
const MOST_OF_ONE = 8;
/** Within so long a sender counts once, however often it comes. */
const COUNTED_ANEW_AFTER_MS = 10_000;

/**
 * What senders have open, so that none takes the place of others, and none is counted as many: a sender counts once from when it has
 * something open until it has nothing any more, and once in ten seconds, and as lost only where what it sent last was. Who asks again and
 * again is one who asks.
 */
export class SenderShares {
  readonly #world: Pick<World, 'monotonicMs'>;
  readonly #open = new Map<string, Open>();
  readonly #lately = { taken: new Set<string>(), lost: new Set<string>() };
  #latelyFromMs = 0;
  #taken = 0;
  #lost = 0;

  constructor(world: Pick<World, 'monotonicMs'>) {
    this.#world = world;
  }

  /** Senders that were to be heard so far. */
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
    if (open === undefined && this.#isNew('taken', sender)) this.#taken += 1;
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
    if (open.isNewestLost && this.#isNew('lost', sender)) this.#lost += 1;
  }

  /** Whether that sender has not been counted as that lately; from now on it has. */
  #isNew(as: 'taken' | 'lost', sender: string | undefined): boolean {
    if (sender === undefined) return true;
    const nowMs = this.#world.monotonicMs();
    if (nowMs - this.#latelyFromMs >= COUNTED_ANEW_AFTER_MS) {
      this.#latelyFromMs = nowMs;
      this.#lately.taken.clear();
      this.#lately.lost.clear();
    }
    const isNew = !this.#lately[as].has(sender);
    this.#lately[as].add(sender);
    return isNew;
  }
}
