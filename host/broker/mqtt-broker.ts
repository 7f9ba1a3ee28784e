import type { AddressInfo } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { Aedes, type AedesPublishPacket, type Client, type ConnectPacket, type PublishPacket } from 'aedes';
import type { ServerCredentials } from '#host/identity/server-certificate.ts';
import type { ThingRegistry } from '#host/identity/thing-registry.ts';
import type { DeviceAction, DevicePolicy } from '#host/iot/policy/device-policy.ts';
import { type PublishTopic, readPublishTopic } from '#host/iot/publish-topic.ts';
import { topicFilterRefusal } from '#host/iot/topic-filter.ts';
import { topicLimitRefusal } from '#host/iot/topic-limits.ts';
import type { HostLog } from '#host/runtime/host-log.ts';
import type { DevicePublish } from '#host/runtime/triggers/device-publish.ts';
import type { DeviceLink } from '#shared/capabilities/device-link.ts';
import { RefusedError } from '#shared/errors/errors.ts';
import type { World } from '#shared/world/world.ts';
import { connectFault } from './connect-rules.ts';
import { type EndReason, FrameGate, MAX_PAYLOAD_BYTES } from './frame-gate.ts';
import type { Peer } from './peer.ts';
import { connectedEvent, disconnectedEvent, type PresenceMessage } from './presence.ts';
import { RefusalLog } from './refusal-log.ts';
import { Sessions } from './sessions.ts';

/** What the broker works with. */
export interface BrokerParts {
  readonly credentials: ServerCredentials;
  /** The authority that signs devices' certificates. */
  readonly authorityPem: string;
  readonly registry: Pick<ThingRegistry, 'find'>;
  readonly policy: DevicePolicy;
  /** Runs the rules for a message; resolves once what they keep is durable. Only then is it acknowledged. */
  readonly onPublish: (to: PublishTopic, message: DevicePublish) => Promise<void>;
  /** Resolves once everything that an outgoing message may tell of is on disk. */
  readonly committed: () => Promise<void>;
  readonly world: World;
  readonly log: HostLog;
}

const HANDSHAKE_MS = 10_000;
/** A client that does not read is dropped when so much waits for it, or when nothing moved for so long. */
const MOST_UNREAD_BYTES = 512 * 1024;
const DRAIN_MS = 10_000;
const NOT_AUTHORIZED = 5;

/**
 * MQTT 3.1.1 over TLS for devices that have a certificate of the local authority. It refuses what AWS IoT Core refuses, and
 * ends the connection of a client that breaks a rule, as IoT Core does.
 */
export class MqttBroker implements DeviceLink {
  readonly #parts: BrokerParts;
  readonly #aedes: Aedes;
  readonly #server: Server;
  readonly #refusals: RefusalLog;
  readonly #sessions: Sessions;
  readonly #peers = new WeakMap<object, Peer>();
  readonly #clients = new Map<string, Client>();

  private constructor(parts: BrokerParts, aedes: Aedes) {
    this.#parts = parts;
    this.#aedes = aedes;
    this.#refusals = new RefusalLog(parts.log, parts.world);
    this.#sessions = new Sessions(aedes, parts.world, (error) =>
      parts.log.error('a session did not end', error),
    );
    this.#server = createServer(
      {
        ...parts.credentials,
        ca: parts.authorityPem,
        requestCert: true,
        rejectUnauthorized: true,
        minVersion: 'TLSv1.2',
        handshakeTimeout: HANDSHAKE_MS,
        noDelay: true,
      },
      (socket) => this.#accept(socket),
    );
    this.#server.on('tlsClientError', (error, socket) =>
      this.#refusals.say(socket.remoteAddress ?? 'unknown', 'the TLS handshake failed', {
        error: error.message,
      }),
    );
    this.#hook();
  }

  /** A broker that does not listen yet. */
  static async open(parts: BrokerParts): Promise<MqttBroker> {
    const aedes = await Aedes.createBroker({
      // Unlimited: with a limit, clients that do not read would hold up the messages of all others.
      concurrency: 0,
      connectTimeout: HANDSHAKE_MS,
      drainTimeout: DRAIN_MS,
    });
    return new MqttBroker(parts, aedes);
  }

  /** Connections that have said CONNECT and were let in. */
  get connections(): number {
    return this.#clients.size;
  }

  /** Takes the port (0: any that is free) and answers which one it is. */
  async listen(host: string, port: number): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    this.#server.listen(port, host, resolve);
    await promise;
    this.#server.removeListener('error', reject);
    return this.port;
  }

  /** The port it listens on. */
  get port(): number {
    // A server that listens on TCP has an address of this shape.
    return (this.#server.address() as AddressInfo).port;
  }

  /** New connections get this certificate from now on. */
  present(credentials: ServerCredentials): void {
    this.#server.setSecureContext({ ...credentials, ca: this.#parts.authorityPem, minVersion: 'TLSv1.2' });
  }

  async publish(topic: string, payload: Uint8Array): Promise<void> {
    const fault = topicLimitRefusal(topic);
    if (fault !== undefined) throw new RefusedError('topic', fault);
    if (payload.length > MAX_PAYLOAD_BYTES)
      throw new RefusedError('payload', `must be at most ${MAX_PAYLOAD_BYTES} bytes`);
    await this.#parts.committed();
    const packet = {
      cmd: 'publish',
      topic,
      payload: Buffer.from(payload),
      qos: 1,
      retain: false,
      dup: false,
    };
    await new Promise<void>((resolve, reject) => {
      // The literal types of `cmd` and `qos` are lost in the object above.
      this.#aedes.publish(packet as PublishPacket, (error) => (error ? reject(error) : resolve()));
    });
  }

  async disconnect(thing: string): Promise<void> {
    const client = this.#clients.get(thing);
    if (client !== undefined) this.#end(client, 'SERVER_INITIATED_DISCONNECT');
  }

  /** Takes no more connections and ends those there are. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const client of this.#clients.values()) this.#end(client, 'SERVER_INITIATED_DISCONNECT');
    await new Promise<void>((resolve) => this.#aedes.close(resolve));
    await this.#sessions.stop();
    await closed;
  }

  #accept(socket: TLSSocket): void {
    const { registry, world } = this.#parts;
    const certificateId = socket.getPeerX509Certificate()?.fingerprint256.replaceAll(':', '').toLowerCase();
    const attachment = certificateId === undefined ? undefined : registry.find(certificateId);
    if (certificateId === undefined || attachment?.status !== 'active') {
      this.#refusals.say(
        socket.remoteAddress ?? 'unknown',
        'the certificate must be one that is in force here',
        {
          certificate: certificateId ?? 'none',
        },
      );
      socket.on('error', () => undefined).destroy();
      return;
    }
    const session = Buffer.from(world.randomBytes(16)).toString('hex');
    const peer: Peer = {
      certificateId,
      attachment,
      gate: new FrameGate(world.monotonicMs()),
      connection: socket,
      session,
    };
    this.#peers.set(socket, peer);
    this.#watchFrames(socket, peer);
    this.#aedes.handle(socket);
  }

  /** Lets the gate see every byte before the broker does. */
  #watchFrames(socket: TLSSocket, peer: Peer): void {
    const read = socket.read.bind(socket);
    socket.read = (size?: number) => {
      const chunk: Buffer | null = read(size);
      const violation = chunk === null ? undefined : peer.gate.accept(chunk, this.#parts.world.monotonicMs());
      if (violation === undefined) return chunk;
      this.#note(peer, violation.reason, violation.rule);
      socket.destroy();
      return null;
    };
  }

  #hook(): void {
    const aedes = this.#aedes;
    aedes.preConnect = (client, packet, done) => this.#preConnect(client, packet, done);
    aedes.authenticate = (client, _username, _password, done) => {
      const rule = this.#whyNotConnect(client);
      if (rule === undefined) done(null, true);
      else done(Object.assign(new Error(rule), { returnCode: NOT_AUTHORIZED }), false);
    };
    aedes.authorizePublish = (client, packet, done) => {
      this.#takeIn(client, packet).then(
        () => done(null),
        (error) => done(error),
      );
    };
    aedes.authorizeSubscribe = (client, subscription, done) => {
      const rule = this.#whyNotSubscribe(client, subscription.topic, subscription.qos);
      // Without a subscription the client is told that this filter failed (MQTT 3.1.1, 3.9.3: 0x80).
      done(null, rule === undefined ? subscription : null);
    };
    aedes.authorizeForward = (client, packet) => (this.#mayReceive(client, packet) ? packet : null);
    aedes.on('client', (client) => this.#arrived(client));
    aedes.on('clientDisconnect', (client) => this.#left(client));
    aedes.on('keepaliveTimeout', (client) => {
      const peer = this.#peerOf(client);
      if (peer !== undefined) peer.ending ??= 'MQTT_KEEP_ALIVE_TIMEOUT';
    });
  }

  #preConnect(client: Client, packet: ConnectPacket, done: (error: Error | null, ok: boolean) => void): void {
    const peer = this.#peerOf(client);
    if (peer === undefined) {
      done(new Error('a connection without a certificate'), false);
      return;
    }
    const rule = connectFault(packet);
    if (rule !== undefined) peer.connectRule = rule;
    const { thing, attributes } = peer.attachment;
    const isAttached = packet.clientId === thing;
    // Variables of the thing are only there for a client that is called as its thing is (AWS IoT, "Thing policy variables").
    peer.identity = {
      clientId: packet.clientId,
      thingName: isAttached ? thing : undefined,
      attributes,
      isAttached,
    };
    done(null, true);
  }

  #whyNotConnect(client: Client): string | undefined {
    const peer = this.#peerOf(client);
    const { id } = client;
    const isAllowed = this.#allows(peer, 'iot:Connect', id);
    const rule =
      peer?.connectRule ?? (isAllowed ? undefined : 'the policy must allow this client id to connect');
    if (rule === undefined) {
      const before = this.#clients.get(id);
      const peerBefore = before && this.#peerOf(before);
      if (peerBefore !== undefined) peerBefore.ending ??= 'DUPLICATE_CLIENTID';
    } else if (peer !== undefined) {
      this.#note(peer, 'FORBIDDEN_ACCESS', rule, id);
    }
    return rule;
  }

  async #takeIn(client: Client | null, packet: PublishPacket): Promise<void> {
    const peer = client === null ? undefined : this.#peerOf(client);
    if (client === null || peer === undefined) throw new Error('a message without a sender');
    try {
      this.#checkPublish(peer, packet);
      const to = readPublishTopic(packet.topic);
      const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
      const clientId = client.id;
      const principal = peer.certificateId;
      const timestampMs = this.#parts.world.now();
      await this.#parts.onPublish(to, { topic: to.topic, payload, clientId, principal, timestampMs });
    } catch (error) {
      if (error instanceof RefusedError) this.#note(peer, 'FORBIDDEN_ACCESS', error.message, client.id);
      throw error;
    }
  }

  /** Throws `RefusedError` for what IoT Core ends a connection for. */
  #checkPublish(peer: Peer, packet: PublishPacket): void {
    const { topic, payload, qos, retain } = packet;
    if (qos === 2) throw new RefusedError('qos', 'must be 0 or 1');
    if (payload.length > MAX_PAYLOAD_BYTES)
      throw new RefusedError('payload', `must be at most ${MAX_PAYLOAD_BYTES} bytes`);
    if (!this.#allows(peer, 'iot:Publish', topic))
      throw new RefusedError('topic', `must be one that the policy allows to publish to, not ${topic}`);
    if (retain && !this.#allows(peer, 'iot:RetainPublish', topic))
      throw new RefusedError('retain', `must be allowed by the policy on ${topic}`);
  }

  #whyNotSubscribe(client: Client, filter: string, qos: number): string | undefined {
    const peer = this.#peerOf(client);
    if (peer === undefined) return 'a connection without a certificate';
    const fault = topicFilterRefusal(filter) ?? (qos === 2 ? 'QoS 2 is not served' : undefined);
    const isAllowed = this.#allows(peer, 'iot:Subscribe', filter);
    const rule = fault ?? (isAllowed ? undefined : `the policy must allow subscribing to ${filter}`);
    if (rule !== undefined) this.#refusals.say(client.id, rule);
    return rule;
  }

  #mayReceive(client: Client, packet: AedesPublishPacket): boolean {
    const peer = this.#peerOf(client);
    if (peer === undefined) return false;
    if (peer.connection.writableLength > MOST_UNREAD_BYTES) {
      this.#note(
        peer,
        'THROTTLED',
        `a client must read: more than ${MOST_UNREAD_BYTES} bytes wait for it`,
        client.id,
      );
      peer.connection.destroy();
      return false;
    }
    return this.#allows(peer, 'iot:Receive', packet.topic);
  }

  #arrived(client: Client): void {
    this.#clients.set(client.id, client);
    this.#sessions.arrived(client);
    const peer = this.#peerOf(client);
    if (peer !== undefined)
      this.#tell(connectedEvent(client.id, peer, this.#parts.world.now()), peer, client.id);
  }

  #left(client: Client): void {
    if (this.#clients.get(client.id) === client) this.#clients.delete(client.id);
    this.#sessions.left(client);
    const peer = this.#peerOf(client);
    if (peer === undefined) return;
    const goodbye = peer.gate.saidGoodbye ? 'CLIENT_INITIATED_DISCONNECT' : 'CONNECTION_LOST';
    const reason: EndReason = peer.ending ?? goodbye;
    this.#tell(disconnectedEvent(client.id, peer, this.#parts.world.now(), reason), peer, client.id);
  }

  #tell({ topic, payload }: PresenceMessage, { certificateId }: Peer, clientId: string): void {
    const { onPublish, world, log } = this.#parts;
    const message = { topic, payload, clientId, principal: certificateId, timestampMs: world.now() };
    onPublish({ ruleName: undefined, topic }, message).catch((error: unknown) =>
      log.error('a lifecycle event could not be kept', error, { client: clientId }),
    );
  }

  #end(client: Client, reason: EndReason): void {
    const peer = this.#peerOf(client);
    if (peer !== undefined) peer.ending ??= reason;
    client.close();
  }

  #note(peer: Peer, reason: EndReason, rule: string, clientId = peer.attachment.thing): void {
    peer.ending ??= reason;
    this.#refusals.say(clientId, rule, { reason });
  }

  #allows(peer: Peer | undefined, action: DeviceAction, name: string): boolean {
    return peer?.identity !== undefined && this.#parts.policy.allows(action, name, peer.identity);
  }

  #peerOf(client: Client): Peer | undefined {
    return this.#peers.get(client.conn);
  }
}
