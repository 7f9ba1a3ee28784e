import { createHash } from 'node:crypto';
import { signManifest } from '#shared/firmware/signature.ts';

/** Two keys that everybody knows: of RFC 8410, section 10.3, and the seed of RFC 8032, section 7.1, test 1, in the same form. */
export const PUBLISHED_KEYS = {
  trusted:
    '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n',
  strange:
    '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n',
};
/** The public half of the trusted one (RFC 8410, section 10.1). */
export const TRUSTED_PUBLIC_PEM =
  '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n';

/** The order of the base point of Ed25519 (RFC 8032, section 5.1). */
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

/** Signed fields of an offer. */
export interface SignedManifest {
  readonly manifest: string;
  readonly signature: { readonly keyId: string; readonly value: string };
}

/** What an offer says of a manifest with that text, signed by the key with that private half (PEM). */
export function signed(text: string, privateKeyPem: string = PUBLISHED_KEYS.trusted): SignedManifest {
  const bytes = Buffer.from(text);
  return { manifest: bytes.toString('base64'), signature: signManifest(bytes, privateKeyPem) };
}

/** The same signature with S + L instead of S (base64): RFC 8032, section 5.1.7, has it refused, and sloppy verifiers take it. */
export function withoutLowestS(value: string): string {
  const bytes = Buffer.from(value, 'base64');
  const s = BigInt(`0x${Buffer.from(bytes.subarray(32)).reverse().toString('hex')}`) + ORDER;
  const raised = Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse();
  return Buffer.concat([bytes.subarray(0, 32), raised]).toString('base64');
}

/** Lower-case hex sha256. */
export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
