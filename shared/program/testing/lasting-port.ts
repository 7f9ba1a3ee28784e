import { createServer } from 'node:net';

/** Below all that a system gives away by itself: from 32768 on Linux (ip(7), `ip_local_port_range`), from 49152 elsewhere (RFC 6335). */
const FIRST = 10_000;
const COUNT = 20_000;

/**
 * A port of the loopback that is free now, for who takes it later or comes back to it: another server that asks for any port, and a
 * connection that begins at one, never get it meanwhile.
 */
export async function lastingPort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.once('error', () => resolve(false));
  server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  return promise;
}
