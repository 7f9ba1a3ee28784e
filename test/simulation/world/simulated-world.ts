import { type Due, DueHeap } from '#shared/world/due-heap.ts';
import type { Cancel, World } from '#shared/world/world.ts';
import { RandomStream } from './random-stream.ts';

interface Waiting extends Due {
  readonly run: () => void;
  readonly owner: Lifetime;
  isCancelled: boolean;
}

/** Who set a timer; nothing of an owner that has ended ever runs. */
interface Lifetime {
  hasEnded: boolean;
}

/**
 * One timeline for everything that a seed makes: hosts, devices and people each see it through a `View` of their own. Between two
 * instants of it promises settle with the real `setImmediate`, which is all that it takes from outside.
 */
export class SimulatedWorld {
  readonly #seed: string;
  readonly #startMs: number;
  #nowMs: number;
  #order = 0;
  readonly #waiting = new DueHeap<Waiting>();
  #endOfTurn: { readonly run: () => void; readonly owner: Lifetime }[] = [];

  constructor(seed: string, startMs: number) {
    this.#seed = seed;
    this.#startMs = startMs;
    this.#nowMs = startMs;
  }

  /** The true time, milliseconds since 1970. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** A view with chance of its own, named so; `skewMs` is how far its wall clock is ahead of the true time. */
  view(name: string, skewMs = 0): WorldView {
    return new WorldView(this, new RandomStream(this.#seed, name), skewMs);
  }

  /** Chance of its own for a concern of that name. */
  stream(name: string): RandomStream {
    return new RandomStream(this.#seed, name);
  }

  /** Milliseconds since the beginning. */
  get elapsedMs(): number {
    return this.#nowMs - this.#startMs;
  }

  after(delayMs: number, run: () => void, owner: Lifetime): Cancel {
    const atMs = this.#nowMs + Math.max(0, Math.ceil(delayMs));
    const waiting: Waiting = { atMs, order: this.#order++, run, owner, isCancelled: false };
    this.#waiting.add(waiting);
    return () => {
      waiting.isCancelled = true;
    };
  }

  endOfTurn(run: () => void, owner: Lifetime): void {
    this.#endOfTurn.push({ run, owner });
  }

  /** Ends turns until nothing is left to run at the present instant. */
  async settle(): Promise<void> {
    for (;;) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      const ending = this.#endOfTurn;
      this.#endOfTurn = [];
      for (const { run, owner } of ending) if (!owner.hasEnded) run();
      if (ending.length === 0 && !this.#runDue()) return;
    }
  }

  /** Goes to the next instant at which anything is due, at most `untilMs`, and lets it happen; `false` once that time has come. */
  async step(untilMs: number): Promise<boolean> {
    const next = this.#next();
    if (next === undefined || next.atMs > untilMs) {
      this.#nowMs = Math.max(this.#nowMs, untilMs);
      return false;
    }
    this.#nowMs = Math.max(this.#nowMs, next.atMs);
    this.#runDue();
    await this.settle();
    return true;
  }

  #runDue(): boolean {
    let hasRun = false;
    const due: Waiting[] = [];
    for (let next = this.#next(); next !== undefined && next.atMs <= this.#nowMs; next = this.#next()) {
      due.push(next);
      this.#waiting.removeFirst();
    }
    for (const { run, owner, isCancelled } of due) {
      if (isCancelled || owner.hasEnded) continue;
      run();
      hasRun = true;
    }
    return hasRun;
  }

  /** The earliest that is still to run; drops what was taken back on the way. */
  #next(): Waiting | undefined {
    for (let first = this.#waiting.first; first !== undefined; first = this.#waiting.first) {
      if (!first.isCancelled && !first.owner.hasEnded) return first;
      this.#waiting.removeFirst();
    }
    return undefined;
  }
}

/** The world as one participant has it, until its end. */
export class WorldView implements World {
  readonly #world: SimulatedWorld;
  readonly #chance: RandomStream;
  #skewMs: number;
  readonly #lifetime: Lifetime = { hasEnded: false };

  constructor(world: SimulatedWorld, chance: RandomStream, skewMs: number) {
    this.#world = world;
    this.#chance = chance;
    this.#skewMs = skewMs;
  }

  now(): number {
    return this.#world.nowMs + this.#skewMs;
  }

  monotonicMs(): number {
    return this.#world.elapsedMs;
  }

  /** Its wall clock is set: so far ahead of the true time from now on, milliseconds. */
  setClock(skewMs: number): void {
    this.#skewMs = skewMs;
  }

  randomBytes(count: number): Uint8Array {
    return this.#chance.bytes(count);
  }

  random(): number {
    return this.#chance.next();
  }

  after(delayMs: number, run: () => void): Cancel {
    return this.#world.after(delayMs, run, this.#lifetime);
  }

  endOfTurn(run: () => void): void {
    this.#world.endOfTurn(run, this.#lifetime);
  }

  /** The participant is gone: none of its timers runs any more, and no turn of it ends. */
  end(): void {
    this.#lifetime.hasEnded = true;
  }
}
