import type { Server } from 'node:net';
import { portOf } from '#shared/program/port-of.ts';

/** Connections that stand before the port at most; the system has a bound of its own too (4,096 on Linux), and drops what comes on top. */
const BACKLOG = 4_096;

/**
 * Lets a server take a port (0: any that is free) and answers which one it is. Throws when the port cannot be had; `onFault`
 * hears of what goes wrong with the server later.
 */
export async function listenOn(
  server: Server,
  host: string,
  port: number,
  onFault: (error: unknown) => void,
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ port, host, backlog: BACKLOG }, resolve);
  await promise;
  server.removeListener('error', reject);
  server.on('error', onFault);
  return portOf(server);
}
