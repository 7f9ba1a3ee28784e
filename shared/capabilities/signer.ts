/**
 * Signs with a key that never leaves its keeper: ECDSA on P-256 over SHA-256. Whoever has the public half can hold a signature
 * against what was signed, with nothing of ours at hand.
 */
export interface Signer {
  /** The signature of these bytes, in DER (RFC 3279, section 2.2.3). It differs from call to call. */
  sign(message: Uint8Array): Promise<Uint8Array>;
  /** The public half: SPKI in PEM. */
  publicKeyPem(): Promise<string>;
}
