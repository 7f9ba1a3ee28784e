import { createHash, generateKeyPairSync } from 'node:crypto';
import { KMSClient } from '@aws-sdk/client-kms';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { describeSigner } from '#shared/capabilities/conformance/signer.suite.ts';
import {
  AccessDeniedError,
  ConfigurationError,
  RefusedError,
  ThrottledError,
  UnknownOutcomeError,
} from '#shared/errors/errors.ts';
import { KmsSigner } from './signer.ts';
import { losesAnswer, losesRequest, refuses } from './testing/bad-days.ts';
import { signDigest } from './testing/ecdsa.ts';
import { pauseForNothing } from './testing/no-pauses.ts';
import { stubbedSettings } from './testing/oracle-process.ts';
import { json, scopeOf, Wire, type WireAnswer, type WireRequest } from './testing/wire.ts';

pauseForNothing();

const KEY_ARN = 'arn:aws:kms:eu-central-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab';

/** A key of KMS: its signatures are real, the wire is that of the API reference. */
async function openSigner() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const serve = ({ headers, body }: WireRequest): WireAnswer => {
    const asked = JSON.parse(body.toString()) as { readonly Message: string };
    if (headers['x-amz-target'] === 'TrentService.GetPublicKey')
      return json(200, { KeyId: KEY_ARN, KeySpec: 'ECC_NIST_P256', PublicKey: spki.toString('base64') });
    const signature = signDigest(Buffer.from(asked.Message, 'base64'), privateKey);
    return json(200, {
      KeyId: KEY_ARN,
      Signature: signature.toString('base64'),
      SigningAlgorithm: 'ECDSA_SHA_256',
    });
  };
  const wire = await Wire.open(serve);
  const client = new KMSClient(stubbedSettings(wire));
  return {
    wire,
    serve,
    signer: new KmsSigner(client, KEY_ARN),
    async close() {
      client.destroy();
      await wire.close();
    },
  };
}

describeSigner('KMS (stubbed wire, with a key of the test)', openSigner);

describe('KMS as a signer (stubbed wire: no server of its kind can be had)', () => {
  let opened: Awaited<ReturnType<typeof openSigner>>;
  let wire: Wire;
  beforeEach(async () => {
    opened = await openSigner();
    wire = opened.wire;
  });
  afterEach(() => opened.close());

  const MESSAGE = Buffer.from('sealed');
  const sign = () => opened.signer.sign(MESSAGE);

  test('asks for a signature as Sign has it, to the byte: the digest alone', async () => {
    await sign();
    const { method, path, headers, body } = wire.only();
    expect(`${method} ${path}`).toBe('POST /');
    expect(headers['x-amz-target']).toBe('TrentService.Sign');
    expect(headers['content-type']).toBe('application/x-amz-json-1.1');
    expect(scopeOf(wire.only())).toBe('eu-central-1/kms');
    const digest = createHash('sha256').update(MESSAGE).digest('base64');
    expect(body.toString()).toBe(
      `{"KeyId":"${KEY_ARN}","Message":"${digest}","SigningAlgorithm":"ECDSA_SHA_256","MessageType":"DIGEST"}`,
    );
  });

  test('asks for the public key once, as GetPublicKey has it', async () => {
    await opened.signer.publicKeyPem();
    await opened.signer.publicKeyPem();
    const { headers, body } = wire.only();
    expect(headers['x-amz-target']).toBe('TrentService.GetPublicKey');
    expect(body.toString()).toBe(`{"KeyId":"${KEY_ARN}"}`);
  });

  test('takes no key of another kind', async () => {
    wire.next(() => json(200, { KeySpec: 'RSA_2048', PublicKey: 'AAAA' }));
    await expect(opened.signer.publicKeyPem()).rejects.toThrow(ConfigurationError);
  });

  test('signs again after an answer that was lost', async () => {
    wire.next(losesAnswer(opened.serve));
    expect(await sign()).toBeInstanceOf(Uint8Array);
    expect(wire.requests).toHaveLength(2);
  });

  test.each([
    ['lost', losesRequest, UnknownOutcomeError, 3],
    ['throttled', refuses(400, 'ThrottlingException'), ThrottledError, 3],
    ['failing', refuses(500, 'KMSInternalException'), UnknownOutcomeError, 3],
    ['not allowed', refuses(400, 'AccessDeniedException'), AccessDeniedError, 1],
    ['for a key that is not there', refuses(400, 'NotFoundException'), ConfigurationError, 1],
    ['for a key that is disabled', refuses(409, 'DisabledException'), ConfigurationError, 1],
    ['for a key that is being deleted', refuses(409, 'KMSInvalidStateException'), ConfigurationError, 1],
    ['not valid', refuses(400, 'ValidationException'), RefusedError, 1],
  ])('says what became of a call that is %s', async (_, handling, kind, tries) => {
    wire.next(...Array(tries).fill(handling));
    await expect(sign()).rejects.toThrow(kind);
    expect(wire.requests).toHaveLength(tries);
  });
});
