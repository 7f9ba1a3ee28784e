import type { TLSSocket } from 'node:tls';
import { Aedes, type AedesPublishPacket, type Client, type ConnectPacket, type PublishPacket } from 'aedes';
import type { DevicePolicy } from '#host/iot/policy/device-policy.ts';
import { readPublishTopic } from '#host/iot/publish-topic.ts';
import { topicLimitRefusal } from '#host/iot/topic-limits.ts';
import type { DeviceLink } from '#shared/capabilities/device-link.ts';
import { RefusedError } from '#shared/errors/errors.ts';
import type { World } from '#shared/world/world.ts';
import { Admission } from './admission.ts';
import { ConnectRate } from './connect-rate.ts';
import { ExactTopics } from './exact-topics.ts';
import { type EndReason, MAX_PAYLOAD_BYTES } from './frame-gate.ts';
import { GatheredWrites } from './gathered-writes.ts';
import { LifecycleEvents, type LifecycleParts } from './lifecycle-events.ts';
import type { Peer } from './peer.ts';
import { RefusalLog } from './refusal-log.ts';
import { Sessions } from './sessions.ts';
import { NOT_IN_FORCE, TlsDoor, type TlsDoorParts } from './tls-door.ts';
import { onBrokerFault, partsOf, pauseReading } from './untyped-aedes.ts';

/** What the broker works with. A message is acknowledged once `onPublish` has resolved. */
export interface BrokerParts
  extends Pick<TlsDoorParts, 'credentials' | 'authorityPem' | 'registry' | 'mostConnections' | 'onFault'>,
    LifecycleParts {
  /** What devices may do. */
  readonly policy: DevicePolicy;
  /** Resolves once everything that an outgoing message may tell of is on disk. */
  readonly committed: () => Promise<void>;
  readonly world: World;
}

/** Who has not said CONNECT by then is cut off. */
const CONNECT_MS = 10_000;
/** A client that does not read is dropped when so much waits for it, or when nothing moved for so long. */
const MOST_UNREAD_BYTES = 512 * 1024;
const DRAIN_MS = 10_000;
/** CONNACK return codes "server unavailable" and "not authorized" (MQTT 3.1.1, 3.2.2.3). */
const UNAVAILABLE = 3;
const NOT_AUTHORIZED = 5;
const TOO_OFTEN =
  'a client id may connect once a second, and 60 times in a row: do two devices use this certificate?';

/**
 * MQTT 3.1.1 over TLS for devices that have a certificate of the local authority. It refuses what AWS IoT Core refuses, and
 * ends the connection of a client that breaks a rule, as IoT Core does.
 */
export class MqttBroker implements DeviceLink {
  readonly #parts: BrokerParts;
  readonly #aedes: Aedes;
  readonly #door: TlsDoor;
  readonly #admission: Admission;
  readonly #refusals: RefusalLog;
  readonly #sessions: Sessions;
  readonly #lifecycle: LifecycleEvents;
  readonly #connectRate = new ConnectRate();
  readonly #gathered = new GatheredWrites();
  readonly #peers = new WeakMap<object, Peer>();
  readonly #clients = new Map<string, Client>();

  private constructor(parts: BrokerParts, aedes: Aedes) {
    const { world, log, policy } = parts;
    this.#parts = parts;
    this.#aedes = aedes;
    this.#admission = new Admission(policy);
    this.#refusals = new RefusalLog(log, world);
    this.#lifecycle = new LifecycleEvents(parts);
    const mayHear = (client: Client, filter: string) => this.#peerOf(client).filters.has(filter);
    this.#sessions = new Sessions(aedes, world, parts.onFault, mayHear);
    const onPeer = (socket: TLSSocket, peer: Peer) => {
      this.#peers.set(socket, peer);
      aedes.handle(socket);
    };
    const slowed = new RefusalLog(log, world, 'a device sends too much');
    this.#door = new TlsDoor({ ...parts, refusals: this.#refusals, slowed, onPeer });
    this.#hook();
  }

  /** A broker that does not listen yet. */
  static async open(parts: BrokerParts): Promise<MqttBroker> {
    const aedes = await Aedes.createBroker({
      // Unlimited: with a limit, clients that do not read would hold up the messages of all others.
      concurrency: 0,
      connectTimeout: CONNECT_MS,
      drainTimeout: DRAIN_MS,
    });
    const own = partsOf(aedes);
    own.mq = new ExactTopics(own.mq);
    return new MqttBroker(parts, aedes);
  }

  /** The server in front: its port, its certificate. */
  get door(): TlsDoor {
    return this.#door;
  }

  /** Connections that have said CONNECT and were let in. */
  get connections(): number {
    return this.#clients.size;
  }

  /**
   * Tells of sessions that a broker before this one had when it was killed, as ended at `endedMs` (milliseconds since 1970); answers how many
   * there were.
   */
  tellLeftOver(endedMs: number): Promise<number> {
    return this.#lifecycle.tellLeftOver(endedMs);
  }

  async publish(topic: string, payload: Uint8Array): Promise<void> {
    const fault = topicLimitRefusal(topic);
    if (fault !== undefined) throw new RefusedError('topic', fault);
    if (payload.length > MAX_PAYLOAD_BYTES)
      throw new RefusedError('payload', `must be at most ${MAX_PAYLOAD_BYTES} bytes`);
    await this.#parts.committed();
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    const packet = { cmd: 'publish', topic, payload: bytes, qos: 0, retain: false, dup: false };
    // Not waited for: aedes is done once everybody who is to hear it has read on, and one that does not read would hold up its sender.
    // The literal types of `cmd` and `qos` are lost in the object above.
    this.#aedes.publish(packet as PublishPacket, (error) => {
      if (error) this.#parts.onFault(error);
    });
  }

  async disconnect(thing: string): Promise<void> {
    const client = this.#clients.get(thing);
    if (client !== undefined) this.#end(client, 'SERVER_INITIATED_DISCONNECT');
  }

  /** Takes no more connections and ends those there are. */
  async close(): Promise<void> {
    const closed = this.#door.close();
    for (const client of this.#clients.values()) this.#end(client, 'SERVER_INITIATED_DISCONNECT');
    await new Promise<void>((resolve) => this.#aedes.close(resolve));
    await this.#sessions.stop();
    await this.#lifecycle.close();
    await closed;
  }

  #hook(): void {
    const aedes = this.#aedes;
    aedes.preConnect = (client, packet, done) => {
      // Read on once CONNECT is answered, which resumes it: aedes takes what comes before that as from a client without a name.
      pauseReading(client);
      this.#noteConnect(client, packet);
      done(null, true);
    };
    aedes.authenticate = (client, _username, _password, done) => {
      const refusal = this.#peerOf(client).connectRefusal;
      if (refusal === undefined) done(null, true);
      else done(Object.assign(new Error(refusal.rule), { returnCode: refusal.returnCode }), false);
    };
    aedes.authorizePublish = (client, packet, done) => {
      this.#takeIn(client, packet).then(
        () => done(null),
        (error) => done(error),
      );
    };
    aedes.authorizeSubscribe = (client, { topic, qos }, done) => {
      const rule = this.#admission.subscribing(this.#peerOf(client), topic, qos);
      if (rule === undefined) return done(null, { topic, qos });
      // It has not said that itself: it comes back to a session, and may hear less than when it left.
      if (this.#clients.get(client.id) !== client) return done(null, null);
      // As AWS IoT Core does it: no SUBACK, the connection ends.
      this.#note(this.#peerOf(client), 'FORBIDDEN_ACCESS', rule);
      done(new Error(rule), null);
    };
    aedes.authorizeForward = (client, packet) => (this.#mayReceive(client, packet) ? packet : null);
    aedes.on('unsubscribe', (filters, client) => {
      for (const filter of filters) this.#peerOf(client).filters.delete(filter);
    });
    aedes.on('clientError', (client, error) => this.#noteFault(client, error));
    aedes.on('connectionError', (client, error) => this.#noteFault(client, error));
    onBrokerFault(aedes, this.#parts.onFault);
    aedes.on('client', (client) => this.#arrived(client));
    aedes.on('keepaliveTimeout', (client) => {
      this.#peerOf(client).ending ??= 'MQTT_KEEP_ALIVE_TIMEOUT';
    });
  }

  #noteConnect(client: Client, packet: ConnectPacket): void {
    const peer = this.#peerOf(client);
    // The certificate was in force when the connection came in, which may be a while ago.
    const rule = this.#isInForce(peer) ? this.#admission.connecting(peer, packet) : NOT_IN_FORCE;
    const before = this.#clients.get(packet.clientId);
    if (rule !== undefined) {
      peer.connectRefusal = { rule, returnCode: NOT_AUTHORIZED };
      this.#note(peer, 'FORBIDDEN_ACCESS', rule);
    } else if (!this.#connectRate.take(packet.clientId, this.#parts.world.monotonicMs())) {
      peer.connectRefusal = { rule: TOO_OFTEN, returnCode: UNAVAILABLE };
      this.#note(peer, 'THROTTLED', TOO_OFTEN);
    } else if (before !== undefined) {
      this.#peerOf(before).ending ??= 'DUPLICATE_CLIENTID';
    }
  }

  async #takeIn(client: Client | null, packet: PublishPacket): Promise<void> {
    if (client === null) throw new Error('a message without a sender');
    const peer = this.#peerOf(client);
    try {
      this.#admission.checkPublish(peer, packet);
      const to = readPublishTopic(packet.topic);
      const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
      const clientId = client.id;
      const principal = peer.certificateId;
      const timestampMs = this.#parts.world.now();
      await this.#parts.onPublish(to, { topic: to.topic, payload, clientId, principal, timestampMs });
    } catch (error) {
      if (error instanceof RefusedError) this.#note(peer, 'FORBIDDEN_ACCESS', error.message);
      else peer.ending ??= 'SERVER_INITIATED_DISCONNECT';
      throw error;
    }
  }

  #mayReceive(client: Client, { topic, payload }: AedesPublishPacket): boolean {
    const peer = this.#peerOf(client);
    if (peer.connection.writableLength + peer.onItsWayBytes <= MOST_UNREAD_BYTES) {
      // Written only in the next turn of the event loop: until then the connection does not count it.
      peer.onItsWayBytes += payload.length;
      setImmediate(() => {
        peer.onItsWayBytes -= payload.length;
      });
      return this.#admission.mayReceive(peer, topic);
    }
    this.#note(peer, 'THROTTLED', `a client must read: more than ${MOST_UNREAD_BYTES} bytes wait for it`);
    peer.connection.destroy();
    return false;
  }

  #arrived(client: Client): void {
    // It went while the one before it was ended.
    if (client.closed) return;
    const peer = this.#peerOf(client);
    const before = this.#clients.get(client.id);
    // aedes ends the one that it knows by this name. Of several that come at once it forgets all but one, and the one before
    // when another goes while it is let in: hence neither is left to it.
    if (before !== undefined) this.#end(before, 'DUPLICATE_CLIENTID');
    this.#clients.set(client.id, client);
    peer.connection.once('close', () => this.#left(client));
    this.#sessions.arrived(client);
    this.#door.letIn(peer);
    // Not before: who is refused is told so at once, and the connection ends.
    this.#gathered.gather(peer.connection);
    this.#lifecycle.began(client.id, peer);
    // Revoked while it was let in: whoever revoked it has not found it here.
    if (!this.#isInForce(peer)) this.#end(client, 'SERVER_INITIATED_DISCONNECT');
  }

  #left(client: Client): void {
    // Told already.
    if (this.#clients.get(client.id) !== client) return;
    this.#clients.delete(client.id);
    this.#sessions.left(client);
    const peer = this.#peerOf(client);
    const reason = peer.ending ?? (peer.gate.saidGoodbye ? 'CLIENT_INITIATED_DISCONNECT' : 'CONNECTION_LOST');
    this.#lifecycle.ended(client.id, peer, reason);
  }

  #end(client: Client, reason: EndReason): void {
    this.#peerOf(client).ending ??= reason;
    client.close();
    this.#left(client);
  }

  #isInForce({ certificateId }: Peer): boolean {
    return this.#parts.registry.find(certificateId)?.status === 'active';
  }

  #note(peer: Peer, reason: EndReason, rule: string, error?: string): void {
    peer.ending ??= reason;
    // By who it is, and not by what it calls itself: it may call itself anything, and as one that is blamed for it.
    const { thing } = peer.attachment;
    const claimed = peer.identity?.clientId ?? thing;
    this.#refusals.say(thing, rule, {
      reason,
      ...(claimed !== thing && { claimed }),
      ...(error !== undefined && { error }),
    });
  }

  /** What aedes ends a connection for by itself; a network that fails has a code, and what fails in an ended one says nothing new. */
  #noteFault(client: Client, error: Error): void {
    const peer = this.#peerOf(client);
    if (peer.ending !== undefined || client.closed || 'code' in error) return;
    if (peer.gate.closedForMs(this.#parts.world.monotonicMs()) > 0) {
      // What it waits for was not read, and that was said.
      peer.ending = 'THROTTLED';
      return;
    }
    this.#note(
      peer,
      'CLIENT_ERROR',
      'packets must be as MQTT 3.1.1 has them, and come in time',
      error.message,
    );
  }

  #peerOf(client: Client): Peer {
    const peer = this.#peers.get(client.conn);
    // Every connection comes through the door, which makes a peer of it.
    if (peer === undefined) throw new Error('a connection that did not come through the door');
    return peer;
  }
}
