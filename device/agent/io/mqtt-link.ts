import { connect, type MqttClient } from 'mqtt';
import { downTopic, hintTopic, upTopic } from '#shared/contracts/device/topics.ts';
import type { World } from '#shared/world/world.ts';
import type { Heard, Said } from '../machine/state.ts';
import type { Link, LinkListener } from '../ports.ts';
import { Gate } from './gate.ts';

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
  /** First wait before it connects again; doubles up to 64 times that, with full jitter. */
  readonly reconnectUnitMs: number;
  /** Bounds how many devices of a fleet shake hands at once. */
  readonly connecting?: Gate;
  readonly keepAliveSeconds?: number;
  /** Hears why there is no connection, each time that one ends or cannot be made. */
  readonly onDown?: (why: string) => void;
}

const KEEP_ALIVE_SECONDS = 300;
const CONNECT_MS = 30_000;
/** A PUBACK that takes longer is taken for lost. */
const PUBACK_MS = 10_000;
const MOST_DOUBLINGS = 6;
const LOST = 'the connection was lost';
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
  #lost: ((error: Error) => void)[] = [];
  #tries = 0;
  #cancelRetry: () => void = () => undefined;

  constructor(options: MqttLinkOptions) {
    this.#options = options;
    this.#connecting = options.connecting ?? new Gate(1);
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
    const {
      host,
      port,
      thing,
      tenant,
      product,
      hardware,
      keepAliveSeconds = KEEP_ALIVE_SECONDS,
    } = this.#options;
    const client = connect({
      ...{ protocol: 'mqtts', host, port, clientId: thing, protocolVersion: 4, clean: true },
      ...{
        cert: this.#options.certificatePem,
        key: this.#options.privateKeyPem,
        ca: this.#options.authorityPem,
      },
      ...{
        keepalive: keepAliveSeconds,
        connectTimeout: CONNECT_MS,
        reconnectPeriod: 0,
        rejectUnauthorized: true,
      },
    });
    this.#client = client;
    const hint = hintTopic(tenant, product, hardware);
    const filters = [downTopic(thing, '+' as 'offer'), hint];
    client.on('connect', () => {
      why = NOT_SUBSCRIBED;
      client.subscribe(filters, { qos: 1 }, (error, granted) => {
        if (this.#client !== client) return;
        if (error !== null || granted?.some(({ qos }) => qos > 1)) {
          client.end(true);
          return;
        }
        why = LOST;
        this.#isUp = true;
        this.#tries = 0;
        resolve();
        listener.onUp();
      });
    });
    client.on('message', (topic, payload) => {
      const kind = topic === hint ? 'hint' : kindOf(topic);
      if (kind !== undefined && this.#client === client) listener.onMessage(kind, payload);
    });
    let why = LOST;
    // `close` always follows.
    client.on('error', ({ message }) => {
      why = message;
    });
    client.on('close', () => {
      resolve();
      if (this.#client !== client) return;
      this.#client = undefined;
      this.#down();
      this.#options.onDown?.(why);
      client.end(true);
      const longestMs = this.#options.reconnectUnitMs * 2 ** Math.min(this.#tries, MOST_DOUBLINGS);
      this.#tries += 1;
      this.#connectSoon(longestMs * this.#options.world.random());
    });
    return promise;
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
