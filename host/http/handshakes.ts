import type { Socket } from 'node:net';
import { networkOf } from './network-of.ts';

/**
 * So many connections are taken at most before the next handshake. Node takes one in each turn of its loop
 * (github.com/libuv/libuv/pull/3696), and a handshake costs as much as taking ten or more: one after the other, a crowd stands before the
 * port for seconds, in the order in which it came, and nobody sees who is in it.
 */
const TAKEN_PER_HANDSHAKE = 8;

/**
 * The turns in which connections get their TLS handshake: one network after the other, and those that come are taken in first. So who
 * comes from elsewhere does not stand behind the crowd of one network, and who is cut off before its turn has cost next to nothing.
 */
export class Handshakes {
  readonly #begin: (socket: Socket) => void;
  /** Of each network in the order in which they came; the network whose turn is next first. */
  readonly #lines = new Map<string, Set<Socket>>();
  #hasTaken = false;
  #putOff = 0;

  /** `begin` begins the handshake on a connection from which nothing has been read. */
  constructor(begin: (socket: Socket) => void) {
    this.#begin = begin;
  }

  /** It gets its handshake when its turn comes, if it is still there. */
  waits(socket: Socket): void {
    this.#hasTaken = true;
    if (this.#lines.size === 0) setImmediate(() => this.#nextTurn());
    const network = networkOf(socket.remoteAddress ?? 'unknown');
    const line = this.#lines.get(network) ?? new Set();
    this.#lines.set(network, line.add(socket));
    socket.once('close', () => line.delete(socket));
  }

  /** Of the event loop. */
  #nextTurn(): void {
    this.#putOff += 1;
    if (!this.#hasTaken || this.#putOff >= TAKEN_PER_HANDSHAKE) {
      this.#putOff = 0;
      const socket = this.#nextInLine();
      if (socket !== undefined) this.#begin(socket);
    }
    this.#hasTaken = false;
    if (this.#lines.size > 0) setImmediate(() => this.#nextTurn());
  }

  #nextInLine(): Socket | undefined {
    for (const [network, line] of this.#lines) {
      // Its next one is served after those of all others.
      this.#lines.delete(network);
      for (const socket of line) {
        line.delete(socket);
        if (socket.destroyed) continue;
        if (line.size > 0) this.#lines.set(network, line);
        return socket;
      }
    }
    return undefined;
  }
}
