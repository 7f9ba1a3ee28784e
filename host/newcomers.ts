import type { Server, Socket } from 'node:net';

/** What a connection is told apart by while it is open. */
type Ends = Pick<Socket, 'remoteAddress' | 'remotePort'>;

/**
 * Connections whose peer has not shown yet that it may come in. When a server has no room left, the one that has waited longest makes
 * it: who opens connections and then says nothing, or says it slowly, keeps nobody out. There is no bound per address, because a
 * whole fleet may come from one.
 */
export class Newcomers {
  readonly #most: number;
  readonly #onCutOff: (address: string) => void;
  readonly #open = new Map<string, Socket>();
  /** The longest first. */
  readonly #waiting = new Set<string>();

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
    this.#waiting.delete(keyOf(connection));
  }

  /** What it was let in for is done, and its next request is anybody's. */
  waitsAgain(connection: Ends): void {
    const key = keyOf(connection);
    if (this.#open.has(key)) this.#waiting.add(key);
  }

  #arrived(socket: Socket): void {
    const key = keyOf(socket);
    this.#open.set(key, socket);
    this.#waiting.add(key);
    // Its ends may be another's by the time that its own is told.
    socket.once('close', () => this.#open.get(key) === socket && this.#forget(key));
    if (this.#open.size >= this.#most) this.#makeRoom(key);
  }

  #makeRoom(except?: string): void {
    for (const key of this.#waiting) {
      if (key === except) continue;
      const socket = this.#open.get(key);
      this.#forget(key);
      this.#onCutOff(socket?.remoteAddress ?? 'unknown');
      socket?.destroy();
      return;
    }
  }

  #forget(key: string): void {
    this.#open.delete(key);
    this.#waiting.delete(key);
  }
}

const keyOf = ({ remoteAddress, remotePort }: Ends): string => `${remoteAddress} ${remotePort}`;
