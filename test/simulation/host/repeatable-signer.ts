import { createHash } from 'node:crypto';
import type { Signer } from '#shared/capabilities/signer.ts';

/** A public key on P-256 whose private half nobody has. */
const PUBLIC_KEY_PEM = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEGnRI1iAuRKF2kz/i49IlMB6vbZbd
QAghCJBE2WtcVc6znM+QbnlTfj2/j1JElyLpjcGdcUTa2MHCKyERGSXd2A==
-----END PUBLIC KEY-----
`;

/**
 * Answers the digest instead of a signature: real ones differ from call to call and are made beside the event loop, and a seed must give
 * one history. The chain of seals is as real as ever; that signatures hold is proved elsewhere.
 */
export const repeatableSigner: Signer = {
  sign: async (message) => createHash('sha256').update(message).digest(),
  publicKeyPem: async () => PUBLIC_KEY_PEM,
};
