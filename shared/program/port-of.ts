import type { AddressInfo, Server } from 'node:net';

/** The port on which a server of this process listens; not for servers on a path. */
export function portOf(server: Pick<Server, 'address'>): number {
  // Node has one type for the addresses of TCP, of paths and of servers that are closed; one that listens on TCP has this one.
  return (server.address() as AddressInfo).port;
}
