import { describe, expect, test } from '@jest/globals';
import { elementsOf, expectElements, TAG } from './der.ts';
import { newKeyPair } from './key-pair.ts';
import { newSigningRequest } from './new-signing-request.ts';
import { keyOfSigningRequest } from './signing-request.ts';

describe('a new signing request', () => {
  test('is for the key it was made with, and signed by it', async () => {
    const pair = await newKeyPair();
    expect(keyOfSigningRequest(newSigningRequest(pair, 'cam-1')).equals(pair.publicKey)).toBe(true);
  });

  test('has the four parts that RFC 2986 asks for, attributes too, of which it has none', async () => {
    const pem = newSigningRequest(await newKeyPair(), 'cam-1');
    const bytes = Buffer.from(pem.replaceAll(/-----[A-Z ]+-----/g, ''), 'base64');
    const [request] = expectElements(bytes, TAG.sequence);
    const [content] = expectElements(request.contents, TAG.sequence, TAG.sequence, TAG.bitString);
    expect(elementsOf(content.contents).map(({ tag }) => tag)).toEqual([
      ...[TAG.integer, TAG.sequence, TAG.sequence, 0xa0],
    ]);
  });

  test('is refused once one byte of it is another', async () => {
    const pem = newSigningRequest(await newKeyPair(), 'cam-1');
    const other = pem.replace('CERTIFICATE REQUEST-----\nMIH', 'CERTIFICATE REQUEST-----\nMIG');
    const { publicKey } = await newKeyPair();
    const lines = newSigningRequest({ publicKey, privateKey: (await newKeyPair()).privateKey }, 'cam-1');
    expect(other).not.toBe(pem);
    expect(() => keyOfSigningRequest(other)).toThrow('PKCS#10');
    expect(() => keyOfSigningRequest(lines)).toThrow('must be signed with the key');
  });
});
