import { isIP } from 'node:net';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { der } from '#shared/x509/der.ts';

const DNS_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i;

/**
 * A subject alternative name (RFC 5280, section 4.2.1.6) for a DNS name, an IPv4 or an IPv6 address. Throws
 * `ConfigurationError` for anything else.
 */
export function alternativeName(name: string): Buffer {
  if (isIP(name) === 4) return der(0x87, Uint8Array.from(name.split('.'), Number));
  if (isIP(name) === 6) return der(0x87, bytesOfIpv6(name));
  if (!DNS_NAME.test(name)) throw new ConfigurationError(`${name} is neither a host name nor an IP address`);
  return der(0x82, Buffer.from(name, 'ascii'));
}

function bytesOfIpv6(address: string): Buffer {
  // The URL parser writes every address in groups of hex digits with at most one `::`.
  const [head = '', tail = ''] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groups = (text: string) =>
    text === '' ? [] : text.split(':').map((group) => group.padStart(4, '0'));
  const before = groups(head);
  const after = groups(tail);
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0000');
  return Buffer.from([...before, ...zeros, ...after].join(''), 'hex');
}
