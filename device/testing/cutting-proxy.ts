import { connect, createServer, type Socket } from 'node:net';
import { portOf } from '#shared/program/port-of.ts';

/** Passes connections on to a port, and cuts the first ones after some bytes of the answer: a network that breaks. */
export class CuttingProxy {
  readonly #server;
  readonly #sockets = new Set<Socket>();
  /** How many connections are cut yet, and after how many bytes from the server. */
  cuts = 0;
  cutAfterBytes = 0;
  /** Bytes that came from the server, over all connections. */
  passedBytes = 0;

  constructor(toPort: number) {
    this.#server = createServer((near) => {
      const far = connect(toPort, '127.0.0.1');
      let fromServerBytes = 0;
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket
          .on('error', () => undefined)
          .on('close', () => {
            near.destroy();
            far.destroy();
          });
      }
      near.pipe(far);
      far.on('data', (chunk) => {
        fromServerBytes += chunk.length;
        this.passedBytes += chunk.length;
        if (this.cuts > 0 && fromServerBytes > this.cutAfterBytes) {
          this.cuts -= 1;
          near.destroy();
        } else near.write(chunk);
      });
    });
  }

  /** Resolves to its port. */
  listen(): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#server.listen(0, '127.0.0.1', () => resolve(portOf(this.#server)));
    return promise;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}
