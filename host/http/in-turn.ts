import type { Socket } from 'node:net';

/** So many requests of one connection may wait for the one in service before no more are read from it. */
const MOST_WAITING = 16;

/**
 * Serves the requests of each connection one after the other: who pipelines (RFC 9112, 9.3.2) gets the answers in order anyway, two
 * requests that change something must not run side by side, and one connection must not have hundreds of functions or downloads at work.
 */
export class InTurn {
  readonly #lines = new WeakMap<Socket, (() => Promise<void>)[]>();

  /** Runs `serve`, which must not reject, once what came before it on this connection has been served, and not once that is gone. */
  next(connection: Socket, serve: () => Promise<void>): void {
    const line = this.#lines.get(connection);
    if (line === undefined) {
      this.#lines.set(connection, []);
      void this.#serveAll(connection, serve);
      return;
    }
    line.push(serve);
    // All that wait have been read to their end, but for the last: none of them asks for more of its body.
    if (line.length >= MOST_WAITING) connection.pause();
  }

  async #serveAll(connection: Socket, first: () => Promise<void>): Promise<void> {
    for (let serve: (() => Promise<void>) | undefined = first; serve !== undefined; ) {
      await serve();
      if (connection.destroyed) break;
      const line = this.#lines.get(connection);
      serve = line?.shift();
      if (line?.length === MOST_WAITING - 1) readOn(connection);
    }
    this.#lines.delete(connection);
  }
}

/**
 * As Node's own messages go on reading (`readStart` in lib/_http_incoming.js): where the server itself has paused the connection, because
 * answers wait to be sent, it resumes it by itself, and takes bytes that come before that for a fault of its own, which ends the process.
 */
function readOn(connection: Socket): void {
  // Node has this property, its types have not; the version of Node is pinned.
  const { _paused: isPausedByServer } = connection as Socket & { readonly _paused?: boolean };
  if (isPausedByServer !== true) connection.resume();
}
