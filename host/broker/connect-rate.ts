import { TokenBucket } from './token-bucket.ts';

/** IoT Core: one CONNECT a second for each client id. A burst comes on top: whoever restarts often at the bench is no storm. */
const CONNECTS_PER_SECOND = 1;
const BURST_CONNECTS = 60;
/** After so long a bucket is full again, and need not be remembered. */
const FULL_AFTER_MS = (BURST_CONNECTS / CONNECTS_PER_SECOND) * 1000;

/**
 * How often a client id may connect. Two that have one identity end each other's connection for as long as both are there, each time
 * with two lifecycle events.
 */
export class ConnectRate {
  /** Those that have connected lately; the longest ago first. */
  readonly #lately = new Map<string, { readonly bucket: TokenBucket; readonly atMs: number }>();

  /** Whether it may connect once more; `nowMs` is on a monotonic clock. */
  take(clientId: string, nowMs: number): boolean {
    this.#forget(nowMs - FULL_AFTER_MS);
    const known = this.#lately.get(clientId)?.bucket;
    const bucket = known ?? new TokenBucket(CONNECTS_PER_SECOND, BURST_CONNECTS, nowMs);
    const isEnough = bucket.take(1, nowMs);
    // One that was refused costs nothing: whoever comes too often all the time gets in once a second.
    if (!isEnough) bucket.give(1);
    this.#lately.delete(clientId);
    this.#lately.set(clientId, { bucket, atMs: nowMs });
    return isEnough;
  }

  #forget(untilMs: number): void {
    for (const [clientId, { atMs }] of this.#lately) {
      if (atMs > untilMs) return;
      this.#lately.delete(clientId);
    }
  }
}
