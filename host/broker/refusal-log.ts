import { isIP } from 'node:net';
import { networkOf } from '#host/http/network-of.ts';
import type { HostLog } from '#host/runtime/host-log.ts';
import type { World } from '#shared/world/world.ts';

const AGAIN_AFTER_MS = 60_000;
const MOST_REMEMBERED = 10_000;
/** Client ids, topics and what parsers say of packets may be as long as a packet. */
const MOST_CHARACTERS = 300;

/**
 * Says why connections are ended, once per client and minute: a client that tries again at once must not fill the log. Who is known by an
 * address alone is one with its network, in which every machine of IPv6 has as many addresses as it likes.
 */
export class RefusalLog {
  readonly #log: HostLog;
  readonly #world: Pick<World, 'monotonicMs'>;
  readonly #message: string;
  readonly #saidAtMs = new Map<string, number>();

  /** `message` begins each line. */
  constructor(log: HostLog, world: Pick<World, 'monotonicMs'>, message = 'a device was refused') {
    this.#message = message;
    this.#log = log;
    this.#world = world;
  }

  /** `client` is the name of the thing, or the address of who has not shown that it is one. */
  say(client: string, rule: string, fields: Readonly<Record<string, string>> = {}): void {
    const nowMs = this.#world.monotonicMs();
    const who = isIP(client) === 0 ? client : networkOf(client);
    const saidAtMs = this.#saidAtMs.get(who);
    if (saidAtMs !== undefined && nowMs - saidAtMs < AGAIN_AFTER_MS) return;
    if (this.#saidAtMs.size >= MOST_REMEMBERED) this.#saidAtMs.clear();
    this.#saidAtMs.set(who, nowMs);
    const clipped = Object.entries({ rule, ...fields }).map(([name, text]) => [name, clip(text)]);
    this.#log.warn(this.#message, { client, ...Object.fromEntries(clipped) });
  }
}

const clip = (text: string): string =>
  text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}...` : text;
