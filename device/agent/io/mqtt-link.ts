import { connect, type MqttClient } from 'mqtt';
import { downTopic, hintTopic, upTopic } from '#shared/contracts/device/topics.ts';
import { faultOf } from '#shared/errors/fault-of.ts';
import type { World } from '#shared/world/world.ts';
import type { Heard, Said } from '../machine/state.ts';
import type { Link, LinkListener } from '../ports.ts';
import { Gate } from './gate.ts';
import { networkFault } from './network-fault.ts';
import { PacketBound } from './packet-bound.ts';

/** Where a device connects, and as whom. */
export interface MqttLinkOptions {
  readonly host: string;
  readonly port: number;
  readonly tenant: string;
  readonly thing: string;
  readonly product: string;
  readonly hardware: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  readonly authorityPem: string;
  readonly world: World;
  /**
   * First wait before it connects again; doubles up to 64 times that, with full jitter. It begins anew once a connection has held for
   * longer than the longest wait.
   */
  readonly reconnectUnitMs: number;
  /** Bounds how many devices of a fleet shake hands at once. */
  readonly connecting?: Gate;
  readonly keepAliveSeconds?: number;
  /** Hears why there is no connection, each time that one ends or cannot be made. */
  readonly onDown?: (why: string) => void;
  /** Hears of each connection that is subscribed. */
  readonly onUp?: () => void;
}

const KEEP_ALIVE_SECONDS = 300;
const CONNECT_MS = 30_000;
/** A connection that is not subscribed by then is given up. */
const SUBSCRIBED_MS = 60_000;
/** A PUBACK that takes longer is taken for lost. */
const PUBACK_MS = 10_000;
const MOST_DOUBLINGS = 6;
/** No message of the protocol is longer than 5 KB, and no topic than 200 bytes. */
const MOST_PACKET_BYTES = 10_240;
const LOST = 'the connection was lost';
const NO_ANSWER = `nothing answered within ${SUBSCRIBED_MS / 1_000} s`;
/** A broker says nothing when it ends a connection for what was subscribed to (MQTT 3.1.1 has no word for it). */
const NOT_SUBSCRIBED =
  'it ended at SUBSCRIBE: product and hardware must be those that the device was registered with';

/** MQTT 3.1.1 over TLS with a client certificate: one clean session after the other, each subscribed before it counts as up. */
export class MqttLink implements Link {
  readonly #options: MqttLinkOptions;
  readonly #connecting: Gate;
  #listener: LinkListener | undefined;
  #client: MqttClient | undefined;
  #isUp = false;
  #why: string | undefined;
  #upMs = 0;
  #lost: ((error: Error) => void)[] = [];
  #tries = 0;
  #cancelRetry: () => void = () => undefined;

  constructor(options: MqttLinkOptions) {
    this.#options = options;
    this.#connecting = options.connecting ?? new Gate(1);
  }

  /** Why it is not connected, as far as that is known; `undefined` while it is. */
  get downBecause(): string | undefined {
    return this.#isUp ? undefined : (this.#why ?? 'connecting');
  }

  open(listener: LinkListener): void {
    this.#listener = listener;
    this.#connectSoon(0);
  }

  publish(kind: Said, payload: Uint8Array): Promise<void> {
    const client = this.#client;
    if (client === undefined || !this.#isUp) return Promise.reject(new Error('not connected'));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const cancel = this.#options.world.after(PUBACK_MS, () => reject(new Error('no PUBACK')));
    this.#lost.push(reject);
    const topic = upTopic(this.#options.thing, kind);
    client.publish(topic, Buffer.from(payload), { qos: 1 }, (error) => (error ? reject(error) : resolve()));
    return promise.finally(() => {
      cancel();
      this.#lost = this.#lost.filter((other) => other !== reject);
    });
  }

  async close(): Promise<void> {
    this.#listener = undefined;
    this.#cancelRetry();
    const client = this.#client;
    this.#client = undefined;
    this.#down();
    if (client === undefined) return;
    await client.endAsync(true);
  }

  /** Breaks the connection off as a lost network does; it comes back by itself after `awayMs`. */
  async drop(awayMs: number): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    this.#down();
    if (this.#listener !== undefined) this.#connectSoon(awayMs);
    await client?.endAsync(true);
  }

  #connectSoon(delayMs: number): void {
    this.#cancelRetry();
    this.#cancelRetry = this.#options.world.after(
      delayMs,
      () => void this.#connecting.run(() => this.#connect()),
    );
  }

  /** Resolves when the connection is up or has failed; never rejects. */
  #connect(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const listener = this.#listener;
    if (listener === undefined) return Promise.resolve();
    const { thing, tenant, product, hardware, world } = this.#options;
    let client: MqttClient;
    try {
      client = this.#dial();
    } catch (error) {
      this.#again(faultOf(error).message);
      return Promise.resolve();
    }
    this.#client = client;
    let why = LOST;
    const hint = hintTopic(tenant, product, hardware);
    // A filter for all that comes down: the topic of an offer with a wildcard in the place of its kind.
    const filters = [downTopic(thing, '+' as 'offer'), hint];
    const cancel = world.after(SUBSCRIBED_MS, () => {
      why = NO_ANSWER;
      client.end(true);
    });
    const bound = new PacketBound(MOST_PACKET_BYTES);
    client.stream.prependListener('data', (chunk: Uint8Array) => {
      const tooLong = bound.read(chunk);
      if (tooLong === undefined) return;
      why = `the broker sent ${tooLong} bytes as one packet, and no message has more than ${MOST_PACKET_BYTES}`;
      client.end(true);
    });
    client.on('connect', () => {
      why = NOT_SUBSCRIBED;
      client.subscribe(filters, { qos: 1 }, (error, granted) => {
        if (this.#client !== client) return;
        if (error !== null || granted?.some(({ qos }) => qos > 1)) {
          client.end(true);
          return;
        }
        cancel();
        why = LOST;
        this.#isUp = true;
        this.#upMs = world.monotonicMs();
        resolve();
        this.#options.onUp?.();
        listener.onUp();
      });
    });
    client.on('message', (topic, payload) => {
      const kind = topic === hint ? 'hint' : kindOf(topic);
      if (kind !== undefined && this.#client === client) listener.onMessage(kind, payload);
    });
    // `close` always follows.
    client.on('error', (error) => {
      why = networkFault(error, world.now());
    });
    client.on('close', () => {
      cancel();
      resolve();
      if (this.#client !== client) return;
      this.#client = undefined;
      if (this.#isUp && world.monotonicMs() - this.#upMs > this.#longestWaitMs(MOST_DOUBLINGS))
        this.#tries = 0;
      this.#down();
      client.end(true);
      this.#again(why);
    });
    return promise;
  }

  /** Begins a connection. Throws where key or certificate are none. */
  #dial(): MqttClient {
    const { host, port, thing, keepAliveSeconds = KEEP_ALIVE_SECONDS } = this.#options;
    return connect({
      protocol: 'mqtts',
      host,
      port,
      clientId: thing,
      protocolVersion: 4,
      clean: true,
      cert: this.#options.certificatePem,
      key: this.#options.privateKeyPem,
      ca: this.#options.authorityPem,
      keepalive: keepAliveSeconds,
      connectTimeout: CONNECT_MS,
      reconnectPeriod: 0,
      rejectUnauthorized: true,
    });
  }

  #again(why: string): void {
    this.#why = why;
    this.#options.onDown?.(why);
    const waitMs = this.#longestWaitMs(Math.min(this.#tries, MOST_DOUBLINGS)) * this.#options.world.random();
    this.#tries += 1;
    this.#connectSoon(waitMs);
  }

  #longestWaitMs(doublings: number): number {
    return this.#options.reconnectUnitMs * 2 ** doublings;
  }

  #down(): void {
    this.#isUp = false;
    for (const reject of this.#lost.splice(0)) reject(new Error(LOST));
  }
}

const KINDS: readonly Heard[] = ['offer', 'permit', 'ack', 'refused'];

function kindOf(topic: string): Heard | undefined {
  const last = topic.slice(topic.lastIndexOf('/') + 1);
  return KINDS.find((kind) => kind === last);
}
