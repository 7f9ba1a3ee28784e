import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { describeSigner } from '#shared/capabilities/conformance/signer.suite.ts';
import { openSigner } from './local-signer.ts';

const newDirectory = () => mkdtemp(join(tmpdir(), 'evenkeel-signer-'));

describeSigner('a key file', async () => {
  const directory = await newDirectory();
  return { signer: await openSigner(directory), close: () => rm(directory, { recursive: true }) };
});

describe('the key of a signer', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await newDirectory();
  });
  afterEach(() => rm(directory, { recursive: true }));

  test('is for its owner alone, and the same after a restart', async () => {
    const first = await openSigner(join(directory, 'new'));
    expect((await stat(join(directory, 'new/seal.key'))).mode & 0o777).toBe(0o600);
    const second = await openSigner(join(directory, 'new'));
    expect(await second.publicKeyPem()).toBe(await first.publicKeyPem());
  });

  test.each([
    ['no key', 'hello'],
    [
      'a key of another kind',
      generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }),
    ],
  ])('is not replaced when the file holds %s', async (_, text) => {
    await writeFile(join(directory, 'seal.key'), text);
    await expect(openSigner(directory)).rejects.toMatchObject({ code: 'configuration' });
  });
});
