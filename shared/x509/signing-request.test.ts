import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { makeSigningRequest, type RequestSigner, requestPem } from '#host/testing/make-signing-request.ts';
import { RefusedError } from '#shared/errors/errors.ts';
import { oid } from './der.ts';
import { keyOfSigningRequest } from './signing-request.ts';

const ECDSA_SHA256 = '1.2.840.10045.4.3.2';
const RSA_SHA256 = '1.2.840.113549.1.1.11';

interface Pair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const signer = (pair: Pair, algorithm: string, digest: string | null): RequestSigner => ({
  ...pair,
  algorithm,
  digest,
});
const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });
const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength });
const P256 = makeSigningRequest(signer(ec('prime256v1'), ECDSA_SHA256, 'sha256'));
const P256_DER = Buffer.from(P256.split('\n')[1] ?? '', 'base64');

describe('a signing request', () => {
  test.each([
    ['P-256', signer(ec('prime256v1'), ECDSA_SHA256, 'sha256')],
    ['P-256 over sha512', signer(ec('prime256v1'), '1.2.840.10045.4.3.4', 'sha512')],
    ['P-384', signer(ec('secp384r1'), '1.2.840.10045.4.3.3', 'sha384')],
    ['Ed25519', signer(generateKeyPairSync('ed25519'), '1.3.101.112', null)],
    ['RSA of 2,048 bits', signer(rsa(2048), RSA_SHA256, 'sha256')],
    ['RSA of 3,072 bits over sha512', signer(rsa(3072), '1.2.840.113549.1.1.13', 'sha512')],
  ])('gives the key it is for: %s', (_, request) => {
    expect(keyOfSigningRequest(makeSigningRequest(request)).equals(request.publicKey)).toBe(true);
  });

  test.each([
    ['P-521', signer(ec('secp521r1'), ECDSA_SHA256, 'sha256')],
    ['secp256k1', signer(ec('secp256k1'), ECDSA_SHA256, 'sha256')],
    [
      'a curve that it spells out',
      signer(
        generateKeyPairSync('ec', { namedCurve: 'prime256v1', paramEncoding: 'explicit' }),
        ECDSA_SHA256,
        'sha256',
      ),
    ],
    ['RSA of 2,047 bits', signer(rsa(2047), RSA_SHA256, 'sha256')],
    ['Ed448', signer(generateKeyPairSync('ed448'), '1.3.101.113', null)],
    [
      'RSA-PSS',
      signer(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }), '1.2.840.113549.1.1.10', 'sha256'),
    ],
    ['RSA over sha1', signer(rsa(2048), '1.2.840.113549.1.1.5', 'sha1')],
    ['ECDSA over sha1', signer(ec('prime256v1'), '1.2.840.10045.4.1', 'sha1')],
    ['EC that says it is signed with RSA', signer(ec('prime256v1'), RSA_SHA256, 'sha256')],
    ['Ed25519 that says it is signed with ECDSA', signer(generateKeyPairSync('ed25519'), ECDSA_SHA256, null)],
  ])('is refused for %s', (_, request) => {
    expect(() => keyOfSigningRequest(makeSigningRequest(request))).toThrow(RefusedError);
  });

  test('is refused when another key has signed it', () => {
    const { privateKey } = ec('prime256v1');
    const request = { ...signer(ec('prime256v1'), ECDSA_SHA256, 'sha256'), privateKey };
    expect(() => keyOfSigningRequest(makeSigningRequest(request))).toThrow('must be signed with the key');
  });

  test.each([
    ['another version', { version: 1, more: [] }],
    ['more in it than there should be', { version: 0, more: [oid('2.5.4.3')] }],
  ])('is refused with %s', (_, odd) => {
    const request = signer(ec('prime256v1'), ECDSA_SHA256, 'sha256');
    expect(() => keyOfSigningRequest(makeSigningRequest(request, odd))).toThrow('is not a PKCS#10 request');
  });

  test('is taken as older tools label it, and refused in company', () => {
    keyOfSigningRequest(P256.replaceAll('CERTIFICATE', 'NEW CERTIFICATE'));
    expect(() => keyOfSigningRequest(P256 + P256)).toThrow(RefusedError);
    expect(() => keyOfSigningRequest(`Subject: x\n${P256}`)).toThrow(RefusedError);
  });

  test('is refused with any bit of it changed', () => {
    fc.assert(
      fc.property(fc.nat({ max: P256_DER.length - 1 }), fc.nat({ max: 7 }), (at, bit) => {
        const changed = Uint8Array.from(P256_DER, (byte, index) => (index === at ? byte ^ (1 << bit) : byte));
        expect(() => keyOfSigningRequest(requestPem(changed))).toThrow(RefusedError);
      }),
      { numRuns: 1000 },
    );
  });

  test('is refused cut anywhere, and with anything after it', () => {
    for (let length = 0; length < P256_DER.length; length++) {
      expect(() => keyOfSigningRequest(requestPem(P256_DER.subarray(0, length)))).toThrow(RefusedError);
    }
    const longer = Buffer.concat([P256_DER, Uint8Array.of(5, 0)]);
    expect(() => keyOfSigningRequest(requestPem(longer))).toThrow(RefusedError);
  });

  test('never fails in any other way, whatever it is', () => {
    const strangers = fc.oneof(
      fc.string({ maxLength: 9000 }),
      fc.uint8Array({ maxLength: 600 }).map(requestPem),
      fc.uint8Array({ maxLength: 100 }).map((tail) => requestPem(Uint8Array.of(0x30, tail.length, ...tail))),
    );
    fc.assert(
      fc.property(strangers, (pem) => {
        expect(() => keyOfSigningRequest(pem)).toThrow(RefusedError);
      }),
      { numRuns: 500 },
    );
  });
});
