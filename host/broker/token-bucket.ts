/** So much a second on average, and more at once after a pause. */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #most: number;
  #left: number;
  #filledAtMs: number;

  /** Full at `nowMs`, which is on a monotonic clock as every later time: `most` may be taken at once. */
  constructor(perSecond: number, most: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#most = most;
    this.#left = most;
    this.#filledAtMs = nowMs;
  }

  /** Takes so many; answers whether there were enough. */
  take(count: number, nowMs: number): boolean {
    const earned = ((nowMs - this.#filledAtMs) / 1000) * this.#perSecond;
    this.#left = Math.min(this.#most, this.#left + earned) - count;
    this.#filledAtMs = nowMs;
    return this.#left >= 0;
  }

  /** For how long, in milliseconds from `nowMs`, more has been taken than there was; 0: it has not. */
  owedForMs(nowMs: number): number {
    return Math.max(0, this.#filledAtMs - nowMs - (this.#left / this.#perSecond) * 1000);
  }

  /** Gives so many back. */
  give(count: number): void {
    this.#left += count;
  }
}
