import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import type { Manifest } from '#shared/contracts/manifest.ts';
import { RefusedError } from '#shared/errors/errors.ts';
import { readManifest } from './read-manifest.ts';

/** Whose signature it is, and the signature itself. */
export interface ManifestSignature {
  /** Lower-case hex sha256 of the public key's SPKI DER. */
  readonly keyId: string;
  /** The 64 bytes of an Ed25519 signature (RFC 8032, section 5.1.6), base64. */
  readonly value: string;
}

const PUBLIC_KEY_RULE = 'must be one Ed25519 public key, SPKI in PEM (RFC 8410)';
/**
 * One PEM block of that label and nothing else (RFC 7468): a private key or a certificate is never taken for its public key. White space
 * has one place in it to match: with three side by side a text without an end would be tried in millions of ways, and hold up everybody.
 */
const PUBLIC_KEY_PEM = /^\s*-----BEGIN PUBLIC KEY-----\s([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----\s*$/;
/** What stands before the 32 bytes of the point in the only DER encoding of an Ed25519 SPKI (RFC 8410, section 4). */
const ED25519_SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const SPKI_BYTES = ED25519_SPKI.length + 32;
const SIGNATURE_BYTES = 64;
/** More than one PEM block of such a key ever needs. */
const MAX_PEM_CHARACTERS = 1024;

/** The id of a public key: lower-case hex sha256 of its SPKI DER. Throws `RefusedError` for anything but an Ed25519 key. */
export function keyIdOf(publicKeyPem: string): string {
  return createHash('sha256').update(readSpki(publicKeyPem)).digest('hex');
}

/** The same key as PEM, always spelt the same way. Throws as `keyIdOf` does. */
export function canonicalPublicKey(publicKeyPem: string): string {
  const base64 = readSpki(publicKeyPem).toString('base64');
  return `-----BEGIN PUBLIC KEY-----\n${base64}\n-----END PUBLIC KEY-----\n`;
}

/** Signs the very bytes of a manifest with an Ed25519 private key (PKCS#8 in PEM). Throws `RefusedError` for another kind of key. */
export function signManifest(manifest: Uint8Array, privateKeyPem: string): ManifestSignature {
  const privateKey = readPrivateKey(privateKeyPem);
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  return {
    keyId: createHash('sha256').update(spki).digest('hex'),
    value: sign(null, manifest, privateKey).toString('base64'),
  };
}

/**
 * What a manifest says, once it is known that one of `trustedKeysPem` signed these very bytes. Nothing of the text is read
 * before. Throws `RefusedError` that names `signature.keyId`, `signature.value` or a field of the manifest.
 */
export function verifyManifest(
  manifest: Uint8Array,
  signature: ManifestSignature,
  trustedKeysPem: readonly string[],
): Manifest {
  const trusted = trustedKeysPem.find((pem) => keyIdOf(pem) === signature.keyId);
  if (trusted === undefined) {
    throw new RefusedError('signature.keyId', 'must be the id of a signing key that the product trusts');
  }
  const value = Buffer.from(signature.value, 'base64');
  const key = createPublicKey({ key: readSpki(trusted), format: 'der', type: 'spki' });
  if (value.length !== SIGNATURE_BYTES || !verify(null, manifest, key, value)) {
    throw new RefusedError(
      'signature.value',
      'must be the Ed25519 signature of that key over these very bytes',
    );
  }
  return readManifest(manifest);
}

function readSpki(publicKeyPem: string): Buffer {
  const base64 =
    publicKeyPem.length <= MAX_PEM_CHARACTERS ? PUBLIC_KEY_PEM.exec(publicKeyPem)?.[1] : undefined;
  const der = Buffer.from(base64 ?? '', 'base64');
  if (der.length !== SPKI_BYTES || !der.subarray(0, ED25519_SPKI.length).equals(ED25519_SPKI)) {
    throw new RefusedError('publicKey', PUBLIC_KEY_RULE);
  }
  return der;
}

function readPrivateKey(privateKeyPem: string): KeyObject {
  const rule = 'must be an Ed25519 private key, PKCS#8 in PEM, without a passphrase';
  try {
    const key = createPrivateKey({ key: privateKeyPem, format: 'pem' });
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // OpenSSL's own message names its decoders, which helps nobody.
    throw new RefusedError('privateKey', rule);
  }
  throw new RefusedError('privateKey', rule);
}
