import { keyIdOf } from '#shared/firmware/signature.ts';
import { DEVICE, FIRMWARE, OFFERS } from './offers.ts';
import { ASKED, PERMITS } from './permits.ts';
import { ATTEMPT, PROOFS } from './proofs.ts';
import { sha256Of, TRUSTED_PUBLIC_PEM } from './signing.ts';

/** Bytes of an Ed25519 public key, at the end of its SPKI. */
const KEY_BYTES = 32;

/** ULIDs and the 16 bytes they stand for, in hex. */
const ULIDS = [
  { text: '00000000000000000000000000', hex: '00'.repeat(16) },
  { text: '01ARZ3NDEKTSV4RRFFQ69G5FAV', hex: '01563e3ab5d3d6764c61efb99302bd5b' },
  { text: '7ZZZZZZZZZZZZZZZZZZZZZZZZZ', hex: 'ff'.repeat(16) },
];

/** Versions from the lowest to the highest, those of a line being equal (SemVer 2.0.0, section 11). */
const VERSIONS = [
  ['1.0.0-alpha', '1.0.0-alpha+001'],
  ['1.0.0-alpha.1'],
  ['1.0.0-alpha.beta'],
  ['1.0.0-beta'],
  ['1.0.0-beta.2'],
  ['1.0.0-beta.11'],
  ['1.0.0-rc.1'],
  ['1.0.0', '1.0.0+20130313144700'],
  ['1.0.1'],
  ['1.9.0'],
  ['1.10.0'],
  ['2.0.0'],
];

/** What a device's own tests may read: fixed messages, and what a device does with them. Every signature in it is the same each time. */
export function deviceVectors(): Readonly<Record<string, unknown>> {
  const spki = Buffer.from(TRUSTED_PUBLIC_PEM.split('\n')[1] ?? '', 'base64');
  return {
    about:
      'Test vectors of the device protocol. The rules are in docs/protocol.md; the keys are those of RFC 8410, and no product has them.',
    key: {
      pem: TRUSTED_PUBLIC_PEM,
      spkiHex: spki.toString('hex'),
      rawHex: spki.subarray(-KEY_BYTES).toString('hex'),
      keyId: keyIdOf(TRUSTED_PUBLIC_PEM),
    },
    firmware: {
      bytes: 'byte i is i modulo 251, from 0',
      sizeBytes: FIRMWARE.length,
      sha256: sha256Of(FIRMWARE),
    },
    device: DEVICE,
    offers: OFFERS,
    asked: ASKED,
    permits: PERMITS,
    attempt: ATTEMPT,
    proofs: PROOFS,
    ulids: ULIDS,
    versions: VERSIONS,
  };
}
