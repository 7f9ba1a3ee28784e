import { type KeyObject, sign } from 'node:crypto';
import { bitString, integer, oid, sequence, tagged } from '#shared/x509/der.ts';
import { nameOf } from '#shared/x509/name.ts';

/** A key pair and how it signs: the OID of the signature algorithm, and the digest that OpenSSL is told. */
export interface RequestSigner {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  readonly algorithm: string;
  readonly digest: string | null;
}

/** A PKCS#10 request in PEM (RFC 2986) for the key, signed by it, of that version and with more at its end; for tests. */
export function makeSigningRequest(
  { publicKey, privateKey, algorithm, digest }: RequestSigner,
  { version, more }: { readonly version: number; readonly more: readonly Uint8Array[] } = {
    version: 0,
    more: [],
  },
): string {
  const content = sequence(
    integer(Uint8Array.of(version)),
    nameOf('a device'),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0),
    ...more,
  );
  const signature = bitString(sign(digest, content, privateKey));
  return requestPem(sequence(content, sequence(oid(algorithm)), signature));
}

/** DER as the PEM of a signing request. */
export function requestPem(der: Uint8Array): string {
  const base64 = Buffer.from(der).toString('base64');
  return `-----BEGIN CERTIFICATE REQUEST-----\n${base64}\n-----END CERTIFICATE REQUEST-----\n`;
}
