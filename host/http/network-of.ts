import { isIPv4 } from 'node:net';

/**
 * Whom an address stands for: an IPv4 address for itself, one of IPv6 for its network of 64 bits, in which every machine may give itself
 * as many addresses as it likes (RFC 7421).
 */
export function networkOf(address: string): string {
  // An IPv4 peer of a socket that listens for both.
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
  if (mapped !== undefined && isIPv4(mapped)) return mapped;
  if (!address.includes(':')) return address;
  const [before = '', after] = address.split('%')[0]?.split('::') ?? [];
  const groupsOf = (text: string) => (text === '' ? [] : text.split(':'));
  const head = groupsOf(before);
  const tail = after === undefined ? [] : groupsOf(after);
  const zeros = Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0');
  return `${[...head, ...zeros, ...tail].slice(0, 4).join(':')}::/64`;
}
