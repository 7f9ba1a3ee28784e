import type { Server, Socket } from 'node:net';
import { networkOf } from './http/network-of.ts';

/** What a connection is told apart by while it is open. */
type Ends = Pick<Socket, 'remoteAddress' | 'remotePort'>;

/**
 * Connections whose peer has not shown yet that it may come in. When a server has no room left, the network that has the most of them
 * makes it, with the one that has waited longest: who opens connections and says nothing, or says it slowly, or comes again as soon as it
 * is cut off, keeps nobody of another network out. No network has a fixed bound, because a whole fleet may come from one.
 */
export class Newcomers {
  readonly #most: number;
  readonly #onCutOff: (address: string) => void;
  readonly #open = new Map<string, Socket>();
  readonly #waiting = new WaitingByNetwork();

  /** `server` takes at most so many connections; `onCutOff` hears from which address one came that made room. */
  constructor(server: Server, most: number, onCutOff: (address: string) => void) {
    this.#most = most;
    this.#onCutOff = onCutOff;
    server.maxConnections = most;
    server.on('connection', (socket: Socket) => this.#arrived(socket));
    server.on('drop', () => this.#makeRoom());
  }

  /** Whoever is behind this connection may be in: from now on it makes no room for others. */
  letIn(connection: Ends): void {
    this.#waiting.delete(keyOf(connection), networkOfPeer(connection));
  }

  /** It has got further: others of its network make room before it. */
  movesOn(connection: Ends): void {
    const [key, network] = [keyOf(connection), networkOfPeer(connection)];
    if (this.#waiting.delete(key, network)) this.#waiting.add(key, network);
  }

  /** What it was let in for is done, and its next request is anybody's. */
  waitsAgain(connection: Ends): void {
    const key = keyOf(connection);
    if (this.#open.has(key)) this.#waiting.add(key, networkOfPeer(connection));
  }

  #arrived(socket: Socket): void {
    const [key, network] = [keyOf(socket), networkOfPeer(socket)];
    this.#open.set(key, socket);
    this.#waiting.add(key, network);
    // Its ends may be another's by the time that its own is told.
    socket.once('close', () => this.#open.get(key) === socket && this.#forget(key, network));
    if (this.#open.size >= this.#most) this.#makeRoom(key);
  }

  #makeRoom(except?: string): void {
    const key = this.#waiting.next();
    const socket = key === undefined ? undefined : this.#open.get(key);
    // The one that came last is the next to go only where nobody else waits.
    if (key === undefined || key === except || socket === undefined) return;
    this.#forget(key, networkOfPeer(socket));
    this.#onCutOff(socket.remoteAddress ?? 'unknown');
    socket.destroy();
  }

  #forget(key: string, network: string): void {
    this.#open.delete(key);
    this.#waiting.delete(key, network);
  }
}

/** Who waits, so that the next to make room is found at once however many there are. */
class WaitingByNetwork {
  /** Of each network, the longest first. */
  readonly #keys = new Map<string, Set<string>>();
  /** The networks that have so many, those first that have had them for longest. */
  readonly #networks = new Map<number, Set<string>>();
  #most = 0;

  /** The one that has waited longest of the network that has the most. */
  next(): string | undefined {
    const [network] = this.#networks.get(this.#most) ?? [];
    const [key] = (network !== undefined && this.#keys.get(network)) || [];
    return key;
  }

  add(key: string, network: string): void {
    const keys = this.#keys.get(network) ?? new Set();
    this.#keys.set(network, keys);
    const before = keys.size;
    this.#move(network, before, keys.add(key).size);
  }

  /** Answers whether it was waiting. */
  delete(key: string, network: string): boolean {
    const keys = this.#keys.get(network);
    if (keys?.delete(key) !== true) return false;
    if (keys.size === 0) this.#keys.delete(network);
    this.#move(network, keys.size + 1, keys.size);
    return true;
  }

  /** Its number changes by one at most, and so does the highest one. */
  #move(network: string, before: number, after: number): void {
    if (before === after) return;
    const left = this.#networks.get(before);
    left?.delete(network);
    if (left?.size === 0) this.#networks.delete(before);
    if (after > 0) this.#networks.set(after, (this.#networks.get(after) ?? new Set()).add(network));
    if (after > this.#most || !this.#networks.has(this.#most)) this.#most = after;
  }
}

const keyOf = ({ remoteAddress, remotePort }: Ends): string => `${remoteAddress} ${remotePort}`;
const networkOfPeer = ({ remoteAddress }: Ends): string => networkOf(remoteAddress ?? 'unknown');
