import { appendFileSync } from 'node:fs';
import { Socket } from 'node:net';

/**
 * Loaded before a program whose connections a test wants to know: each goes into the file that EVENKEEL_CONNECTIONS names, and one
 * that would leave this machine is not made.
 */
const { EVENKEEL_CONNECTIONS: file = '' } = process.env;
const { connect } = Socket.prototype;

Socket.prototype.connect = function (this: Socket, ...args: unknown[]): Socket {
  const to = hostOf(args);
  appendFileSync(file, `${to}\n`);
  if (to !== '127.0.0.1') throw new Error(`a connection to ${to} would leave this machine`);
  return Reflect.apply(connect, this, args);
};

/** The host in the arguments of `connect`: a port and perhaps a host, options, or what `net.connect` makes of them. */
function hostOf([first, second]: readonly unknown[]): string {
  const options: unknown = Array.isArray(first) ? first[0] : first;
  if (typeof options === 'object' && options !== null)
    return String(('path' in options && options.path) || ('host' in options && options.host) || 'localhost');
  return typeof second === 'string' ? second : 'localhost';
}
