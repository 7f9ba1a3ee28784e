import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { ServerCredentials } from '#host/identity/server-certificate.ts';
import type { ThingRegistry } from '#host/identity/thing-registry.ts';
import { listenOn } from '#host/listen-on.ts';
import { Newcomers } from '#host/newcomers.ts';
import { portOf } from '#shared/program/port-of.ts';
import type { Cancel, World } from '#shared/world/world.ts';
import { type DeviceShare, DeviceShares, MESSAGES_PER_SECOND } from './device-share.ts';
import { FrameGate, type Violation } from './frame-gate.ts';
import type { Peer } from './peer.ts';
import type { RefusalLog } from './refusal-log.ts';

/** A handshake that takes longer is given up. */
const HANDSHAKE_MS = 10_000;

/** The rule that a certificate breaks that this home has not issued, or has revoked. */
export const NOT_IN_FORCE = 'the certificate must be one that is in force here';

/** IoT Core has one connection for a client id; others are open only until the one before has ended, or while they have not said CONNECT. */
const MOST_CONNECTIONS = 10;
const TOO_MANY_MESSAGES = `a device is heard with ${MESSAGES_PER_SECOND} messages a second: the rest of what it sends waits`;

/** What the door works with. */
export interface TlsDoorParts {
  readonly credentials: ServerCredentials;
  /** The authority that signs devices' certificates. */
  readonly authorityPem: string;
  readonly registry: Pick<ThingRegistry, 'find'>;
  readonly refusals: RefusalLog;
  /** Says who sends more than its share, which is read more slowly. */
  readonly slowed: RefusalLog;
  /** Connections at the same time; one more is dropped before anything is read from it, or has one cut off that has not said CONNECT. */
  readonly mostConnections: number;
  readonly world: Pick<World, 'monotonicMs' | 'randomBytes' | 'after'>;
  /** Hears of every fault that is not a client's. */
  readonly onFault: (error: unknown) => void;
  /** Takes over a connection whose certificate is in force. */
  readonly onPeer: (socket: TLSSocket, peer: Peer) => void;
}

/** The TLS server that devices come to: only who has a certificate of the local authority that is in force gets in. */
export class TlsDoor {
  readonly #parts: TlsDoorParts;
  readonly #server: Server;
  readonly #newcomers: Newcomers;
  readonly #shares = new DeviceShares();

  constructor(parts: TlsDoorParts) {
    this.#parts = parts;
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
    this.#newcomers = new Newcomers(this.#server, parts.mostConnections, (address) =>
      parts.refusals.say(address, 'a connection that has not said CONNECT must make room for another'),
    );
    this.#server.on('drop', (dropped) =>
      parts.refusals.say(dropped?.remoteAddress ?? 'unknown', 'there must be a connection left to take', {
        mostConnections: String(parts.mostConnections),
      }),
    );
    this.#server.on('tlsClientError', (error, socket) =>
      this.#refuse(socket, 'the TLS handshake must succeed', { error: error.message }),
    );
  }

  /** Takes the port (0: any that is free) and answers which one it is. */
  listen(host: string, port: number): Promise<number> {
    return listenOn(this.#server, host, port, this.#parts.onFault);
  }

  /** The port it listens on. */
  get port(): number {
    return portOf(this.#server);
  }

  /** New connections get this certificate from now on. */
  present(credentials: ServerCredentials): void {
    this.#server.setSecureContext({ ...credentials, ca: this.#parts.authorityPem, minVersion: 'TLSv1.2' });
  }

  /** The client of this connection has said CONNECT and was let in. */
  letIn({ connection }: Peer): void {
    this.#newcomers.letIn(connection);
  }

  /** Takes no more connections; resolves once those there are have ended. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #accept(socket: TLSSocket): void {
    const { registry, world, onPeer } = this.#parts;
    const certificateId = socket.getPeerX509Certificate()?.fingerprint256.replaceAll(':', '').toLowerCase();
    const attachment = certificateId === undefined ? undefined : registry.find(certificateId);
    if (certificateId === undefined || attachment?.status !== 'active') {
      const certificate = certificateId ?? 'none';
      this.#refuse(socket, NOT_IN_FORCE, { certificate }, attachment?.thing);
      return;
    }
    const session = Buffer.from(world.randomBytes(16)).toString('hex');
    const share = this.#shareOf(attachment.thing, socket);
    if (share.connections > MOST_CONNECTIONS) {
      this.#refuse(
        socket,
        `a device has at most ${MOST_CONNECTIONS} connections at once`,
        {},
        attachment.thing,
      );
      return;
    }
    const gate = new FrameGate(share);
    const own = { allowed: new Map(), filters: new Set<string>(), onItsWayBytes: 0 };
    const peer: Peer = { certificateId, attachment, gate, connection: socket, session, ...own };
    this.#watchFrames(socket, peer);
    onPeer(socket, peer);
  }

  #shareOf(thing: string, socket: TLSSocket): DeviceShare {
    const { world } = this.#parts;
    socket.once('close', () => this.#shares.leave(thing, world.monotonicMs()));
    return this.#shares.enter(thing, world.monotonicMs());
  }

  /**
   * Lets the gate see every byte before anyone else does. While the gate is closed nothing is read, so that TCP holds the device back and
   * nobody else.
   */
  #watchFrames(socket: TLSSocket, peer: Peer): void {
    const { refusals, slowed, world } = this.#parts;
    const read = socket.read.bind(socket);
    let isOver = false;
    let cancelWaiting: Cancel | undefined;
    socket.once('close', () => cancelWaiting?.());
    const readOnAfter = (waitMs: number) => {
      slowed.say(peer.attachment.thing, TOO_MANY_MESSAGES);
      cancelWaiting ??= world.after(waitMs, () => {
        cancelWaiting = undefined;
        socket.emit('readable');
      });
    };
    socket.read = (size?: number) => {
      // Takes nothing out, and has the socket fill itself.
      if (size === 0) return read(0);
      const waitMs = peer.gate.closedForMs(world.monotonicMs());
      if (waitMs > 0) {
        readOnAfter(waitMs);
        return null;
      }
      const chunk: Buffer | null = isOver ? null : read(size);
      const violation = chunk === null ? undefined : peer.gate.accept(chunk, world.monotonicMs());
      if (violation === undefined) return chunk;
      isOver = true;
      peer.ending ??= violation.reason;
      refusals.say(peer.attachment.thing, violation.rule, { reason: violation.reason });
      endFor(violation, socket);
      return null;
    };
  }

  /** `thing`: whose certificate it has shown, where that is known. */
  #refuse(socket: TLSSocket, rule: string, fields: Readonly<Record<string, string>>, thing?: string): void {
    const address = socket.remoteAddress ?? 'unknown';
    this.#parts.refusals.say(thing ?? address, rule, { ...fields, ...(thing !== undefined && { address }) });
    socket.on('error', () => undefined).destroy();
  }
}

/** Ends the connection of a client that broke a rule, with a CONNACK (MQTT 3.1.1, 3.2) where there is something to tell. */
function endFor({ returnCode }: Violation, socket: TLSSocket): void {
  if (returnCode === undefined) socket.destroy();
  else socket.end(Buffer.from([0x20, 2, 0, returnCode]), () => socket.destroy());
}
