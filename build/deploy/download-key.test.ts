import { createPublicKey, createSign, createVerify } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type StubAws, serveStubAws } from '../testing/stub-aws/serve.ts';
import { clientsOf } from '../testing/stubbed-stage.ts';
import type { AwsClients } from './aws-clients.ts';
import { downloadKeyNames, ensureDownloadKey } from './download-key.ts';

const names = downloadKeyNames('test');
let stub: StubAws;
let aws: AwsClients;
beforeEach(async () => {
  stub = await serveStubAws();
  aws = clientsOf(stub);
});
afterEach(() => stub.close());
const storedIn = (name: string) => stub.account.parameters.get(name)?.value ?? '';

describe('the key pair of download addresses, over a stubbed wire,', () => {
  test('is made once: the half that signs is a secret', async () => {
    expect(await ensureDownloadKey(aws, 'test')).toBe('made');
    const before = [storedIn(names.signing), storedIn(names.public)];
    expect(stub.account.parameters.get(names.signing)?.type).toBe('SecureString');
    expect(await ensureDownloadKey(aws, 'test')).toBe('there');
    expect([storedIn(names.signing), storedIn(names.public)]).toEqual(before);
    const signature = createSign('RSA-SHA1').update('address').sign(storedIn(names.signing));
    expect(
      createVerify('RSA-SHA1')
        .update('address')
        .verify(createPublicKey(storedIn(names.public)), signature),
    ).toBe(true);
  });

  test('gets back the half that everybody may know', async () => {
    await ensureDownloadKey(aws, 'test');
    const publicPem = storedIn(names.public);
    stub.account.parameters.delete(names.public);
    expect(await ensureDownloadKey(aws, 'test')).toBe('made');
    expect(storedIn(names.public)).toBe(publicPem);
  });

  test('without the half that signs, or with one of another pair, stops everything', async () => {
    await ensureDownloadKey(aws, 'test');
    const signing = stub.account.parameters.get(names.signing);
    stub.account.parameters.delete(names.signing);
    await expect(ensureDownloadKey(aws, 'test')).rejects.toThrow(`${names.signing} is missing`);
    stub.account.parameters.delete(names.public);
    await ensureDownloadKey(aws, 'test');
    if (signing !== undefined) stub.account.parameters.set(names.signing, signing);
    await expect(ensureDownloadKey(aws, 'test')).rejects.toThrow('not of one pair');
  });
});
