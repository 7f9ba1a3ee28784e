import { sign } from 'node:crypto';
import { bitString, integer, oid, sequence, tagged } from './der.ts';
import type { KeyPair } from './key-pair.ts';
import { nameOf } from './name.ts';
import { toPem } from './pem.ts';

const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));

/** A PKCS#10 request in PEM (RFC 2986) for a key on P-256, signed with it; nothing reads the name, which people see. */
export function newSigningRequest({ publicKey, privateKey }: KeyPair, commonName: string): string {
  const content = sequence(
    integer(Uint8Array.of(0)),
    nameOf(commonName),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0),
  );
  const signature = bitString(sign('sha256', content, privateKey));
  return toPem('CERTIFICATE REQUEST', sequence(content, ECDSA_WITH_SHA256, signature));
}
