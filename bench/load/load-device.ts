import type { TLSSocket } from 'node:tls';
import { connect, type MqttClient } from 'mqtt';
import { downTopic, type Upward, upTopic } from '#shared/contracts/device/topics.ts';

/** What a device connects with. */
export interface DeviceAccess {
  readonly thing: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  readonly authorityPem: string;
  readonly mqttPort: number;
}

/** A message that came down to a device. */
export interface Down {
  readonly topic: string;
  readonly payload: Buffer;
}

interface Waiting {
  readonly key: string;
  readonly resolve: (answer: Down) => void;
  readonly reject: (error: Error) => void;
  readonly late: NodeJS.Timeout;
}

/** A question that is not answered by then is lost, and with it the figures. */
const ANSWER_MS = 30_000;

const CONNECT_MS = 20_000;
const KEEP_ALIVE_SECONDS = 1_200;

/** One device: a connection of its own with its own certificate, as the protocol wants it, and one question at a time. */
export class LoadDevice {
  readonly thing: string;
  readonly access: DeviceAccess;
  /** Whether its TLS handshake went on with a session from before. */
  readonly isResumed: boolean;
  readonly #client: MqttClient;
  #session: Buffer | undefined;
  #waiting: Waiting | undefined;

  private constructor(access: DeviceAccess, client: MqttClient) {
    const { thing } = access;
    this.thing = thing;
    this.access = access;
    this.#client = client;
    // What mqtt.js connects with `mqtts:` is a socket of this kind; its types know a stream.
    const socket = client.stream as unknown as TLSSocket;
    this.isResumed = socket.isSessionReused();
    this.#session = socket.getSession();
    socket.on('session', (session) => {
      this.#session = session;
    });
    client.on('message', (topic, payload) => this.#hear({ topic, payload }));
    client.on('close', () => this.#fail(new Error(`${thing} was disconnected`)));
    client.on('error', (error) => this.#fail(error));
  }

  /** Connects and subscribes, with the TLS session of an earlier connection if there is one. Throws where the broker does not let it in. */
  static async connect(access: DeviceAccess, session?: Buffer): Promise<LoadDevice> {
    const { thing, certificatePem, privateKeyPem, authorityPem, mqttPort } = access;
    const client = connect(`mqtts://localhost:${mqttPort}`, {
      clientId: thing,
      cert: certificatePem,
      key: privateKeyPem,
      ca: authorityPem,
      protocolVersion: 4,
      reconnectPeriod: 0,
      connectTimeout: CONNECT_MS,
      keepalive: KEEP_ALIVE_SECONDS,
      ...(session !== undefined && { session }),
    });
    await connected(client);
    const topics = (['offer', 'permit', 'ack', 'refused'] as const).map((kind) => downTopic(thing, kind));
    await client.subscribeAsync(topics, { qos: 1 });
    return new LoadDevice(access, client);
  }

  get isConnected(): boolean {
    return this.#client.connected;
  }

  /** The latest TLS session that the broker has given: another connection may go on with it. */
  get session(): Buffer | undefined {
    return this.#session;
  }

  /**
   * Publishes at QoS 1 and resolves with the message that holds `key`: the nonce of a question, the attempt of a report. It may
   * be a refusal. Throws when the connection ends instead, when a refusal does not hold the key, or when nothing comes in time.
   */
  ask(kind: Upward, payload: string, key: string, withinMs = ANSWER_MS): Promise<Down> {
    if (this.#waiting !== undefined) throw new Error(`${this.thing} waits for an answer already`);
    const { promise, resolve, reject } = Promise.withResolvers<Down>();
    const late = setTimeout(() => this.#fail(new Error(`${this.thing} was not answered`)), withinMs);
    this.#waiting = { key, resolve, reject, late };
    this.#client.publish(upTopic(this.thing, kind), payload, { qos: 1 }, (error) => {
      if (error) this.#fail(error);
    });
    return promise;
  }

  /** Publishes at QoS 1 and resolves with the PUBACK. */
  tell(kind: Upward, payload: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onClose = () => reject(new Error(`${this.thing} was disconnected`));
    this.#client.once('close', onClose);
    this.#client.publish(upTopic(this.thing, kind), payload, { qos: 1 }, (error) => {
      this.#client.off('close', onClose);
      if (error) reject(error);
      else resolve();
    });
    return promise;
  }

  async end(): Promise<void> {
    await this.#client.endAsync();
  }

  #hear(down: Down): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    if (down.payload.includes(waiting.key)) {
      this.#waiting = undefined;
      clearTimeout(waiting.late);
      waiting.resolve(down);
    } else if (down.topic.endsWith('/refused')) {
      this.#fail(new Error(`${this.thing}: ${down.payload.toString()}`));
    }
  }

  #fail(error: Error): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    clearTimeout(waiting?.late);
    waiting?.reject(error);
  }
}

/** Resolves once the broker has let the client in; throws what it says instead, or that the connection was closed. */
function connected(client: MqttClient): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  client.once('connect', () => resolve());
  client.on('error', reject);
  client.once('close', () => reject(new Error('the connection was closed')));
  return promise;
}
