import type { Server } from 'node:net';
import { portOf } from '#shared/program/port-of.ts';

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
  server.listen(port, host, resolve);
  await promise;
  server.removeListener('error', reject);
  server.on('error', onFault);
  return portOf(server);
}
