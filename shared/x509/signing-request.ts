import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { RefusedError } from '#shared/errors/errors.ts';
import {
  bytesOfBits,
  type DerElement,
  elementsOf,
  expectElements,
  MalformedDerError,
  oid,
  TAG,
} from './der.ts';
import { checkDeviceKey } from './device-key.ts';

/** The largest that is useful has an RSA key of 8,192 bits: below 4 KiB. */
const LONGEST_PEM = 8192;
const PEM =
  /^\s*-----BEGIN (NEW )?CERTIFICATE REQUEST-----\s([A-Za-z0-9+/=\s]+)-----END \1CERTIFICATE REQUEST-----\s*$/;

/** How requests may be signed, by the hex of the algorithm's OID: by what kind of key, over what digest. */
const SIGNATURES: Readonly<Record<string, { readonly key: string; readonly digest: string | null }>> = {
  [hexOfOid('1.2.840.10045.4.3.2')]: { key: 'ec', digest: 'sha256' },
  [hexOfOid('1.2.840.10045.4.3.3')]: { key: 'ec', digest: 'sha384' },
  [hexOfOid('1.2.840.10045.4.3.4')]: { key: 'ec', digest: 'sha512' },
  [hexOfOid('1.2.840.113549.1.1.11')]: { key: 'rsa', digest: 'sha256' },
  [hexOfOid('1.2.840.113549.1.1.12')]: { key: 'rsa', digest: 'sha384' },
  [hexOfOid('1.2.840.113549.1.1.13')]: { key: 'rsa', digest: 'sha512' },
  [hexOfOid('1.3.101.112')]: { key: 'ed25519', digest: null },
};

/**
 * The public key of a PKCS#10 request (RFC 2986), whose holder has signed the request with it. Subject and attributes are
 * not looked at. Throws `RefusedError` for `csr` when it does not parse, the key is none that devices may have, or the
 * signature is not by it.
 */
export function keyOfSigningRequest(pem: string): KeyObject {
  const request = parse(pem);
  const key = readKey(request.key);
  checkDeviceKey(key);
  const algorithm = SIGNATURES[request.algorithm];
  if (algorithm === undefined || algorithm.key !== key.asymmetricKeyType) {
    throw new RefusedError(
      'csr',
      'must be signed with ECDSA or RSA over sha256, sha384 or sha512, or Ed25519',
    );
  }
  if (!verify(algorithm.digest, request.signed, key, request.signature)) {
    throw new RefusedError('csr', 'must be signed with the key that it asks a certificate for');
  }
  return key;
}

interface SigningRequest {
  readonly signed: Uint8Array;
  readonly key: Uint8Array;
  /** Hex of the OID element. */
  readonly algorithm: string;
  readonly signature: Uint8Array;
}

function parse(pem: string): SigningRequest {
  if (pem.length > LONGEST_PEM) {
    throw new RefusedError('csr', `must be at most ${LONGEST_PEM} characters`);
  }
  const [, , base64 = ''] = PEM.exec(pem) ?? [];
  try {
    const [request] = expectElements(Buffer.from(base64, 'base64'), TAG.sequence);
    const [content, algorithm, signature] = expectElements(
      request.contents,
      TAG.sequence,
      TAG.sequence,
      TAG.bitString,
    );
    return {
      signed: content.whole,
      key: keyInfoOf(content),
      algorithm: Buffer.from(elementsOf(algorithm.contents)[0]?.whole ?? []).toString('hex'),
      signature: bytesOfBits(signature),
    };
  } catch (error) {
    if (error instanceof MalformedDerError) throw new RefusedError('csr', 'is not a PKCS#10 request in PEM');
    throw error;
  }
}

/** Version 0, a subject, the key, attributes: `[0]`, which some tools leave out. */
function keyInfoOf(content: DerElement): Uint8Array {
  const [version, subject, key, attributes, ...more] = elementsOf(content.contents);
  const isSound =
    version?.tag === TAG.integer &&
    version.contents.length === 1 &&
    version.contents[0] === 0 &&
    subject?.tag === TAG.sequence &&
    (attributes === undefined || attributes.tag === 0xa0) &&
    more.length === 0;
  if (!isSound || key?.tag !== TAG.sequence) throw new MalformedDerError('not the content of a request');
  const [algorithm] = expectElements(key.contents, TAG.sequence, TAG.bitString);
  const parameters = elementsOf(algorithm.contents)[1];
  // A curve that is spelt out may only look like a known one (RFC 5480, section 2.1.1, forbids it; CVE-2020-0601).
  if (parameters?.tag === TAG.sequence) throw new RefusedError('csr', 'must name the curve of its key');
  return key.whole;
}

function readKey(info: Uint8Array): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(info), format: 'der', type: 'spki' });
  } catch {
    // OpenSSL has errors of many kinds for keys that it does not take; all mean that the request is at fault.
    throw new RefusedError('csr', 'has a public key that cannot be read');
  }
}

function hexOfOid(dotted: string): string {
  return oid(dotted).toString('hex');
}
