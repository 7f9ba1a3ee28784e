import { createPublicKey, verify } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Signer } from '../signer.ts';
import { bytesOf, patternBytes } from './object-bytes.ts';

/** A signer with a key of its own, for one test. */
export interface OpenSigner {
  readonly signer: Signer;
  close(): Promise<void>;
}

/** What every implementation of `Signer` must do; `open` is called before each test. */
export function describeSigner(name: string, open: () => Promise<OpenSigner>): void {
  describe(`${name} as a signer`, () => {
    let opened: OpenSigner;
    let signer: Signer;
    beforeEach(async () => {
      opened = await open();
      signer = opened.signer;
    });
    afterEach(() => opened.close());

    const holds = async (message: Uint8Array, signature: Uint8Array) =>
      verify('sha256', message, createPublicKey(await signer.publicKeyPem()), signature);

    test('has a public key on P-256', async () => {
      const { asymmetricKeyType, asymmetricKeyDetails } = createPublicKey(await signer.publicKeyPem());
      expect([asymmetricKeyType, asymmetricKeyDetails?.namedCurve]).toEqual(['ec', 'prime256v1']);
    });

    test.each([
      ['a text', bytesOf('sealed')],
      ['no bytes', bytesOf('')],
      // KMS takes 4,096 bytes of a message: a longer one is signed by its digest.
      ['more than KMS takes', patternBytes(100_000)],
    ])('signs %s so that its public key tells', async (_, message) => {
      expect(await holds(message, await signer.sign(message))).toBe(true);
    });

    test('signs these bytes and no others', async () => {
      const signature = await signer.sign(bytesOf('sealed'));
      expect(await holds(bytesOf('sealer'), signature)).toBe(false);
      expect(
        await holds(
          bytesOf('sealed'),
          signature.map((byte, at) => (at === 40 ? byte ^ 1 : byte)),
        ),
      ).toBe(false);
    });

    test('signs with the same key every time', async () => {
      const before = await signer.publicKeyPem();
      await signer.sign(bytesOf('one'));
      const signature = await signer.sign(bytesOf('two'));
      expect(await signer.publicKeyPem()).toBe(before);
      expect(await holds(bytesOf('two'), signature)).toBe(true);
    });
  });
}
