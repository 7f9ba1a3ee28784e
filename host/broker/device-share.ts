import { TokenBucket } from './token-bucket.ts';

/** IoT Core: 100 publishes a second on one connection. The rest of the packets come on top, and a burst after a pause. */
export const PACKETS_PER_SECOND = 200;
const BURST_PACKETS = 600;
/** IoT Core: 512 KB a second on one connection; here too a burst comes on top. */
export const BYTES_PER_SECOND = 524_288;
const BURST_BYTES = 4 * BYTES_PER_SECOND;
/**
 * What a device is heard with at most. IoT Core takes 100 a second (AWS General Reference, "AWS IoT Core message broker and protocol
 * limits and quotas") on the machines of a Region; here one device must leave the functions of one machine to the others. A device that
 * keeps to the protocol says some ten things in a row when it boots or installs, and less than one a second over any minute.
 */
export const MESSAGES_PER_SECOND = 20;
const BURST_MESSAGES = 100;
/** After so long all is as if the device had never sent anything, unless it owes more. */
const FULL_AFTER_MS = 10_000;

/** What one device may still send, over all its connections together. */
export class DeviceShare {
  readonly packets: TokenBucket;
  readonly bytes: TokenBucket;
  readonly messages: TokenBucket;
  /** Connections that are open. */
  connections = 0;

  /** `nowMs` is on a monotonic clock. */
  constructor(nowMs: number) {
    this.packets = new TokenBucket(PACKETS_PER_SECOND, BURST_PACKETS, nowMs);
    this.bytes = new TokenBucket(BYTES_PER_SECOND, BURST_BYTES, nowMs);
    this.messages = new TokenBucket(MESSAGES_PER_SECOND, BURST_MESSAGES, nowMs);
  }
}

/** The shares of devices that are connected or were lately: who connects again has no more than who stays. */
export class DeviceShares {
  readonly #shares = new Map<string, DeviceShare>();
  /** Devices without a connection, and when their share may be forgotten; the longest gone first. */
  readonly #gone = new Map<string, number>();

  /** The share of that thing for one more connection; `nowMs` is on a monotonic clock. */
  enter(thing: string, nowMs: number): DeviceShare {
    this.#forget(nowMs);
    const share = this.#shares.get(thing) ?? new DeviceShare(nowMs);
    this.#shares.set(thing, share);
    this.#gone.delete(thing);
    share.connections += 1;
    return share;
  }

  /** One of its connections has ended. */
  leave(thing: string, nowMs: number): void {
    this.#forget(nowMs);
    const share = this.#shares.get(thing);
    if (share === undefined) return;
    share.connections -= 1;
    if (share.connections === 0) this.#gone.set(thing, nowMs);
  }

  #forget(nowMs: number): void {
    for (const [thing, goneAtMs] of this.#gone) {
      if (goneAtMs > nowMs - FULL_AFTER_MS) return;
      this.#gone.delete(thing);
      // Who owes for longer begins the wait anew.
      if ((this.#shares.get(thing)?.messages.owedForMs(nowMs) ?? 0) > 0) this.#gone.set(thing, nowMs);
      else this.#shares.delete(thing);
    }
  }
}
