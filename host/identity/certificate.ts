import { type KeyObject, sign } from 'node:crypto';
import { bitString, expectElements, integer, oid, sequence, TAG, tagged, time } from '#shared/x509/der.ts';
import { nameOf } from '#shared/x509/name.ts';

/** What a certificate says, but for who signs it. */
export interface CertificateContent {
  /** For people; nothing reads it. At most 64 characters (RFC 5280, ub-common-name). */
  readonly commonName: string;
  /** DER of the key's SubjectPublicKeyInfo. */
  readonly keyInfo: Uint8Array;
  /** Milliseconds since 1970, to the second. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** 16 random bytes: unique, and beyond guessing before the signature is made. */
  readonly serial: Uint8Array;
  readonly extensions: readonly Uint8Array[];
}

/** Who signs: a P-256 key, and the DER of its name. */
export interface Issuer {
  readonly name: Uint8Array;
  readonly key: KeyObject;
}

const V3 = tagged(0, integer(Uint8Array.of(2)));
const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));

/** The DER of an X.509 v3 certificate (RFC 5280, section 4.1), signed with ECDSA over sha256. */
export function signCertificate(content: CertificateContent, issuer: Issuer): Buffer {
  const signed = sequence(
    V3,
    integer(content.serial),
    ECDSA_WITH_SHA256,
    issuer.name,
    sequence(time(content.notBeforeMs), time(content.notAfterMs)),
    nameOf(content.commonName),
    content.keyInfo,
    tagged(3, sequence(...content.extensions)),
  );
  return sequence(signed, ECDSA_WITH_SHA256, bitString(sign('sha256', signed, issuer.key)));
}

/** The DER of the subject of a certificate, which those that it signs name as their issuer. */
export function subjectOf(certificate: Uint8Array): Uint8Array {
  const [whole] = expectElements(certificate, TAG.sequence);
  const [signed] = expectElements(whole.contents, TAG.sequence, TAG.sequence, TAG.bitString);
  const [, , , , , subject] = expectElements(
    signed.contents,
    0xa0,
    TAG.integer,
    TAG.sequence,
    TAG.sequence,
    TAG.sequence,
    TAG.sequence,
    TAG.sequence,
    0xa3,
  );
  return subject.whole;
}
