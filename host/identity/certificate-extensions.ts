import { createHash } from 'node:crypto';
import {
  bitString,
  bytesOfBits,
  der,
  expectElements,
  octetString,
  oid,
  sequence,
  TAG,
} from '#shared/x509/der.ts';

const TRUE = der(TAG.boolean, Uint8Array.of(0xff));

/** An extension of RFC 5280, section 4.2; a reader that does not know a critical one must refuse the certificate. */
function extension(id: string, critical: boolean, value: Uint8Array): Buffer {
  return sequence(oid(id), ...(critical ? [TRUE] : []), octetString(value));
}

/** May sign certificates of devices and servers, but not of further authorities. */
export const forAuthority = (): Buffer[] => [
  extension('2.5.29.19', true, sequence(TRUE, der(TAG.integer, Uint8Array.of(0)))),
  // keyCertSign and cRLSign are bits 5 and 6.
  extension('2.5.29.15', true, bitString(Uint8Array.of(0b0000_0110), 1)),
];

const signsOnly = (): Buffer[] => [
  extension('2.5.29.19', true, sequence()),
  // digitalSignature is bit 0.
  extension('2.5.29.15', true, bitString(Uint8Array.of(0b1000_0000), 7)),
];

/** A device that connects (TLS client). */
export const forDevice = (): Buffer[] => [
  ...signsOnly(),
  extension('2.5.29.37', false, sequence(oid('1.3.6.1.5.5.7.3.2'))),
];

/** A server that is reached under `names`, each a general name from `alternative-name.ts`. */
export const forServer = (names: readonly Uint8Array[]): Buffer[] => [
  ...signsOnly(),
  extension('2.5.29.37', false, sequence(oid('1.3.6.1.5.5.7.3.1'))),
  extension('2.5.29.17', false, sequence(...names)),
];

/** Names the certificate's own key and the one that signed it, so that chains are found by key and not by name alone. */
export const keyIdentifiers = (own: Uint8Array, issuer: Uint8Array): Buffer[] => [
  extension('2.5.29.14', false, octetString(own)),
  extension('2.5.29.35', false, sequence(der(0x80, issuer))),
];

/** The identifier of a key given as DER of its SubjectPublicKeyInfo: 160 bits of its sha256 (RFC 7093, section 2, method 1). */
export function keyIdentifier(keyInfo: Uint8Array): Buffer {
  const [info] = expectElements(keyInfo, TAG.sequence);
  const [, bits] = expectElements(info.contents, TAG.sequence, TAG.bitString);
  return createHash('sha256').update(bytesOfBits(bits)).digest().subarray(0, 20);
}
