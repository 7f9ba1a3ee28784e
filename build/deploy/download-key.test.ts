import { createPublicKey, createSign, createVerify } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type StubAws, serveStubAws } from '../testing/stub-aws/serve.ts';
import { clientsOf } from '../testing/stubbed-stage.ts';
import type { AwsClients } from './aws-clients.ts';
import { downloadKeyNames, downloadKeysIn, ensureDownloadKey, ensureDownloadKeys } from './download-key.ts';

const names = downloadKeyNames('test');
let stub: StubAws;
let aws: AwsClients;
beforeEach(async () => {
  stub = await serveStubAws();
  aws = clientsOf(stub);
});
afterEach(() => stub.close());
const ensure = (isInUse = false) => ensureDownloadKey(aws, names, { isInUse });
const storedIn = (name: string) => stub.account.parameters.get(name)?.value ?? '';

const key = (EncodedKey: string) => ({
  Type: 'AWS::CloudFront::PublicKey',
  Properties: { PublicKeyConfig: { EncodedKey } },
});

describe('the key pair of download addresses, over a stubbed wire,', () => {
  test('is made once: the half that signs is a secret', async () => {
    expect(await ensure()).toBe('made');
    const before = [storedIn(names.signing), storedIn(names.public)];
    expect(stub.account.parameters.get(names.signing)?.type).toBe('SecureString');
    expect(await ensure()).toBe('there');
    expect([storedIn(names.signing), storedIn(names.public)]).toEqual(before);
    const signature = createSign('RSA-SHA1').update('address').sign(storedIn(names.signing));
    expect(
      createVerify('RSA-SHA1')
        .update('address')
        .verify(createPublicKey(storedIn(names.public)), signature),
    ).toBe(true);
  });

  test('gets back the half that everybody may know', async () => {
    await ensure();
    const publicPem = storedIn(names.public);
    stub.account.parameters.delete(names.public);
    expect(await ensure()).toBe('made');
    expect(storedIn(names.public)).toBe(publicPem);
  });

  test('without the half that signs, or with one of another pair, stops everything', async () => {
    await ensure();
    const signing = stub.account.parameters.get(names.signing);
    stub.account.parameters.delete(names.signing);
    await expect(ensure()).rejects.toThrow(`${names.signing} is missing`);
    stub.account.parameters.delete(names.public);
    await ensure();
    if (signing !== undefined) stub.account.parameters.set(names.signing, signing);
    await expect(ensure()).rejects.toThrow('not of one pair');
  });

  test('is never made anew beside the one that CloudFront has: functions would sign what it does not take', async () => {
    await ensure();
    stub.account.parameters.delete(names.signing);
    expect(await ensure(true)).toBe('gone');
    stub.account.parameters.delete(names.public);
    await expect(ensure(true)).rejects.toThrow('CloudFront cannot exchange the key that it has');
    expect([...stub.account.parameters.keys()]).toEqual([]);
  });

  test('is rotated by a second one beside it, also when the first can sign no more', async () => {
    const template = {
      Resources: {
        DownloadKey: key('{{resolve:ssm:/evenkeel/test/download-public-key}}'),
        DownloadKey2: key('{{resolve:ssm:/evenkeel/test/download-public-key-2}}'),
      },
    };
    const pairs = downloadKeysIn(template, 'test');
    expect(pairs.map(({ signing }) => signing)).toEqual([names.signing, `${names.signing}-2`]);
    expect(await ensureDownloadKeys(aws, [names], [])).toBe('made');
    stub.account.parameters.delete(names.signing);
    await expect(ensureDownloadKeys(aws, [names], [names])).rejects.toThrow('no device can download');
    expect(await ensureDownloadKeys(aws, pairs, [names])).toBe('made');
    expect(stub.account.parameters.has(`${names.signing}-2`)).toBe(true);
    expect(await ensureDownloadKeys(aws, pairs, pairs)).toBe('there');
  });
});
