import type { KeyObject } from 'node:crypto';
import { RefusedError } from '#shared/errors/errors.ts';

const CURVES = new Set(['prime256v1', 'secp384r1']);
/** AWS IoT asks for 2,048 bits; above 8,192 a handshake costs more than a server should spend on a stranger. */
const RSA_BITS = { least: 2048, most: 8192 };

/** Throws `RefusedError` for `csr` unless a device may have this key: EC on P-256 or P-384, Ed25519, RSA of 2,048 to 8,192 bits. */
export function checkDeviceKey(key: KeyObject): void {
  const { namedCurve = '', modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  const isFit =
    key.asymmetricKeyType === 'ed25519' ||
    (key.asymmetricKeyType === 'ec' && CURVES.has(namedCurve)) ||
    (key.asymmetricKeyType === 'rsa' && modulusLength >= RSA_BITS.least && modulusLength <= RSA_BITS.most);
  if (!isFit) {
    throw new RefusedError(
      'csr',
      `must be for a key on P-256 or P-384, Ed25519, or RSA of ${RSA_BITS.least} to ${RSA_BITS.most} bits`,
    );
  }
}
