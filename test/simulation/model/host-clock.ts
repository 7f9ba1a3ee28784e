/** No function that answers devices runs for longer: what runs while the clock is set ends by the clock before. */
export const INVOCATION_MS = 30_000;

/** Where the clock of the host stood, from a true time on. */
interface Setting {
  readonly sinceMs: number;
  readonly aheadMs: number;
}

/** The clock of the host, which people set: how far it was ahead of the true time, and since when. All times in milliseconds since 1970. */
export class HostClock {
  readonly #settings: Setting[] = [{ sinceMs: 0, aheadMs: 0 }];

  /** How far it is ahead of the true time. */
  get aheadMs(): number {
    return this.#settings.at(-1)?.aheadMs ?? 0;
  }

  /** Whether it was set ahead last, and not back. */
  get hasLeapt(): boolean {
    const [last, before] = [this.#settings.at(-1), this.#settings.at(-2)];
    return last !== undefined && before !== undefined && last.aheadMs > before.aheadMs;
  }

  /** When it was set last; 0 where it never was. */
  get setMs(): number {
    return this.#settings.at(-1)?.sinceMs ?? 0;
  }

  /** How much it was set ahead by, all times together. */
  get leaptMs(): number {
    const won = this.#settings.map(({ aheadMs }, at) => aheadMs - (this.#settings[at - 1]?.aheadMs ?? 0));
    return won.reduce((sum, ms) => sum + Math.max(0, ms), 0);
  }

  /** The most that it was put back by, all times together. */
  get backMs(): number {
    const lost = this.#settings.map(({ aheadMs }, at) => (this.#settings[at - 1]?.aheadMs ?? 0) - aheadMs);
    return lost.reduce((sum, ms) => sum + Math.max(0, ms), 0);
  }

  /** It was set at that true time, and is so far ahead from then on. */
  set(atMs: number, aheadMs: number): void {
    this.#settings.push({ sinceMs: atMs, aheadMs });
  }

  /** The highest time that it has shown within so long before `nowMs`. */
  mostMs(nowMs: number, withinMs: number): number {
    return nowMs + Math.max(...this.#within(nowMs - withinMs).map(({ aheadMs }) => aheadMs));
  }

  /** The lowest that was ahead of the true time within so long before `nowMs`, as if it stood there now. */
  leastMs(nowMs: number, withinMs: number): number {
    return nowMs + Math.min(...this.#within(nowMs - withinMs).map(({ aheadMs }) => aheadMs));
  }

  /** Whether what happened at that true time may seem to be older than what was before: it had been put back by then, and was set again since. */
  maySeemOlder(trueMs: number): boolean {
    const at = this.#settings.findLastIndex(({ sinceMs }) => sinceMs <= trueMs);
    const aheadMs = this.#settings[at]?.aheadMs ?? 0;
    const wasFurther = this.#settings
      .slice(0, at)
      .some(
        (setting, before) => (this.#settings[before + 1]?.sinceMs ?? 0) + setting.aheadMs > trueMs + aheadMs,
      );
    return wasFurther && at < this.#settings.length - 1;
  }

  /** The first true time at which it showed that time, or one after it. */
  firstMs(shownMs: number): number {
    for (const [at, { sinceMs, aheadMs }] of this.#settings.entries()) {
      const untilMs = this.#settings[at + 1]?.sinceMs ?? Number.POSITIVE_INFINITY;
      if (shownMs - aheadMs < untilMs) return Math.max(sinceMs, shownMs - aheadMs);
    }
    return shownMs;
  }

  #within(fromMs: number): Setting[] {
    return this.#settings.filter((_, at) => (this.#settings[at + 1]?.sinceMs ?? fromMs) >= fromMs);
  }
}
