import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Manifest } from '#shared/contracts/manifest.ts';
import { canonicalPublicKey, keyIdOf, signManifest, verifyManifest } from './signature.ts';

const publicPem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();
const privatePem = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();
const newKey = () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return { publicPem: publicPem(publicKey), privatePem: privatePem(privateKey) };
};

const MANIFEST: Manifest = {
  v: 1,
  product: 'cam',
  version: '2.1.0',
  sequence: 7,
  artifacts: [{ hardware: 'cam-rev-b', sha256: 'b'.repeat(64), sizeBytes: 20_971_520 }],
};
const textOf = (manifest: unknown) => Buffer.from(JSON.stringify(manifest));
/** The key pair of RFC 8410, section 10.1 and 10.3. */
const RFC_PUBLIC =
  '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n';
const RFC_PRIVATE =
  '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n';

describe('signing a manifest', () => {
  const maker = newKey();

  test('a device that trusts the key reads what was signed', () => {
    const bytes = textOf(MANIFEST);
    const signature = signManifest(bytes, maker.privatePem);
    expect(verifyManifest(bytes, signature, [newKey().publicPem, maker.publicPem])).toEqual(MANIFEST);
  });

  test('the id of a key is the same from either half of it', () => {
    expect(signManifest(textOf(MANIFEST), RFC_PRIVATE).keyId).toBe(keyIdOf(RFC_PUBLIC));
    expect(keyIdOf(RFC_PUBLIC)).toMatch(/^[0-9a-f]{64}$/);
  });

  test('white space between the tokens is signed with the rest and does no harm', () => {
    const bytes = Buffer.from(`${JSON.stringify(MANIFEST, null, 2)}\n`);
    const signature = signManifest(bytes, maker.privatePem);
    expect(verifyManifest(bytes, signature, [maker.publicPem])).toEqual(MANIFEST);
    expect(() => verifyManifest(textOf(MANIFEST), signature, [maker.publicPem])).toThrow('signature.value');
  });

  test('a signature by another key is refused, under its own name and under a trusted one', () => {
    const bytes = textOf(MANIFEST);
    const signature = signManifest(bytes, newKey().privatePem);
    expect(() => verifyManifest(bytes, signature, [maker.publicPem])).toThrow('signature.keyId: must be');
    const renamed = { ...signature, keyId: keyIdOf(maker.publicPem) };
    expect(() => verifyManifest(bytes, renamed, [maker.publicPem])).toThrow('signature.value: must be');
  });

  test('one changed bit anywhere in the manifest or the signature is refused', () => {
    const bytes = textOf(MANIFEST);
    const signature = signManifest(bytes, maker.privatePem);
    const flipped = (source: Uint8Array, bit: number) => {
      const copy = Buffer.from(source);
      copy.writeUInt8(copy.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      return copy;
    };
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), fc.nat(64 * 8 - 1), (inManifest, inSignature) => {
        const value = flipped(Buffer.from(signature.value, 'base64'), inSignature).toString('base64');
        const trusted = [maker.publicPem];
        expect(() => verifyManifest(flipped(bytes, inManifest), signature, trusted)).toThrow(
          'signature.value',
        );
        expect(() => verifyManifest(bytes, { ...signature, value }, trusted)).toThrow('signature.value');
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ['', 'nothing'],
    ['AAAA', 'three bytes'],
  ])('a signature of %s (%s) is refused', (value) => {
    const signature = { ...signManifest(textOf(MANIFEST), maker.privatePem), value };
    expect(() => verifyManifest(textOf(MANIFEST), signature, [maker.publicPem])).toThrow('signature.value');
  });

  test.each([
    ['an RSA key', () => privatePem(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey)],
    ['an EC key', () => privatePem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)],
    ['no key at all', () => 'secret'],
  ])('%s cannot sign', (_, pem) => {
    expect(() => signManifest(textOf(MANIFEST), pem())).toThrow('privateKey: must be an Ed25519 private key');
  });
});

describe('a public key', () => {
  const { publicPem: pem, privatePem: secret } = newKey();

  test('is spelt one way, however it came', () => {
    const spaced = `\r\n${pem.replaceAll('\n', '\r\n')}\r\n`;
    expect(canonicalPublicKey(spaced)).toBe(pem);
    expect(keyIdOf(spaced)).toBe(keyIdOf(pem));
  });

  test.each([
    ['a private key', secret],
    ['two keys', pem + pem],
    ['an RSA key', publicPem(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey)],
    ['an EC key', publicPem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey)],
    ['an X25519 key', publicPem(generateKeyPairSync('x25519').publicKey)],
    ['a certificate', pem.replaceAll('PUBLIC KEY', 'CERTIFICATE')],
    ['a truncated key', pem.replace(/.{8}\n-----END/, '\n-----END')],
    ['a key with white space without end', `${' '.repeat(2000)}${pem}`],
    ['nothing', ''],
  ])('%s is not taken for one', (_, text) => {
    expect(() => keyIdOf(text)).toThrow('publicKey: must be one Ed25519 public key');
  });

  test('of white space alone is refused in next to no time', () => {
    const text = `-----BEGIN PUBLIC KEY-----${' '.repeat(990)}`;
    const from = process.cpuUsage();
    expect(() => keyIdOf(text)).toThrow('publicKey: must be one Ed25519 public key');
    expect(process.cpuUsage(from).user).toBeLessThan(250_000);
  });
});

describe('reading a signed manifest', () => {
  const { publicPem: pem, privatePem: secret } = newKey();
  const read = (bytes: Uint8Array) => verifyManifest(bytes, signManifest(bytes, secret), [pem]);
  const plain = JSON.stringify(MANIFEST);

  test.each([
    ['not JSON', 'manifest: must be JSON', '{'],
    ['a key twice', 'manifest: must be plain JSON', plain.replace('"v":1', '"v":1,"sequence":9')],
    ['an escaped letter', 'manifest: must be plain JSON', plain.replace('cam-', '\\u0063am-')],
    ['a number with an exponent', 'manifest: must be plain JSON', plain.replace(':7', ':7e0')],
    ['an unknown key', 'note: is not a known field', plain.replace('"v":1', '"v":1,"note":"x"')],
    ['a version that is no SemVer', 'version: must be a SemVer', plain.replace('2.1.0', '2.1')],
    ['too many bytes', 'manifest: must be at most 2560 bytes', plain + ' '.repeat(2560)],
    ['a byte order mark', 'manifest: must be JSON', `\uFEFF${plain}`],
  ])('%s is refused', (_, refusal, text) => {
    expect(() => read(Buffer.from(text))).toThrow(refusal);
  });

  test('bytes that are no UTF-8 are refused', () => {
    expect(() => read(Buffer.from(plain.replace('cam-', '\xff'), 'latin1'))).toThrow(
      'manifest: must be UTF-8',
    );
  });

  test('whatever is not a manifest is a refusal and nothing else', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        expect(() => read(Buffer.from(text))).toThrow(expect.objectContaining({ code: 'refused' }));
      }),
      { numRuns: 200 },
    );
  });
});
