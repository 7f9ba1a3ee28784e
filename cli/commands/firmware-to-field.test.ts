import { createPublicKey } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newSigningKey } from '../actions/signing-keys.ts';
import { startTestCli, type TestCli } from '../testing/test-cli.ts';

let cli: TestCli;
beforeAll(async () => {
  cli = await startTestCli();
});
afterAll(() => cli.stop());

/** The public key (SPKI in PEM) of the private one in a file. */
async function publicHalfOf(file: string): Promise<string> {
  const key = createPublicKey(await readFile(file, 'utf8'));
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

describe('from firmware to the field', () => {
  test('a product, its key, a signed release, published, with JSON all the way', async () => {
    expect(await cli.answer('product create cam --hardware cam-rev-b')).toMatchObject({ product: 'cam' });
    const key = cli.inside('cam.key.pem');
    const made = await cli.answer(`key create --product cam --name main --out ${key}`);
    expect((await stat(key)).mode & 0o777).toBe(0o600);
    expect((await stat(cli.inside('cam.pub.pem'))).mode & 0o777).toBe(0o644);
    expect(await publicHalfOf(key)).toBe(await readFile(cli.inside('cam.pub.pem'), 'utf8'));
    const shown = await cli.answer('product show cam');
    expect(shown.keys).toMatchObject([{ name: 'main', keyId: made.keyId }]);
    const pushed = await cli.answer(
      `release push ${cli.inside('cam.bin')} --product cam --version 2.1.0 --key ${key}`,
    );
    expect(pushed).toMatchObject({ state: 'verified', sequence: 1 });
    expect(await cli.answer('release publish cam/2.1.0')).toMatchObject({ state: 'published' });
    expect((await cli.answer('release list --product cam')).releases).toHaveLength(1);
  });

  test('a key writes over no file, and leaves none behind when it is refused', async () => {
    await writeFile(cli.inside('old.pub.pem'), 'somebody else');
    const ran = await cli.run(`key create --product cam --name old --out ${cli.inside('old.key.pem')}`);
    expect(ran).toMatchObject({ exitCode: 2, out: '' });
    expect(ran.err).toContain('old.pub.pem is there already');
    const none = await cli.run(`key create --product none --name x --out ${cli.inside('none.key.pem')}`);
    expect(none).toMatchObject({ exitCode: 1, out: '' });
    const files = await readdir(cli.directory);
    expect(files.filter((file) => /^(old|none)/.test(file))).toEqual(['old.pub.pem']);
  });

  test('a product gets a new revision of its board', async () => {
    await cli.answer('product create wide --hardware wide-rev-a');
    const widened = await cli.answer('product add-hardware wide --hardware wide-rev-b,wide-rev-a');
    expect(widened.hardware).toEqual(['wide-rev-a', 'wide-rev-b']);
  });

  test('products are listed in order of name, for people and scripts, and a list that was cut says so', async () => {
    await cli.answer('product create bell --hardware bell-rev-a,bell-rev-b');
    const { products } = await cli.answer('product list');
    const names = products.map(({ product }: { product: string }) => product);
    expect(names).toEqual(names.toSorted());
    expect(names).toEqual(expect.arrayContaining(['bell', 'cam']));
    const { exitCode, out, err } = await cli.run('product list --limit 1');
    expect([exitCode, err]).toEqual([0, 'these are 1, and there may be more: --limit takes up to 10000\n']);
    expect(out).toMatch(
      /^PRODUCT +HARDWARE +KEYS +LAST SEQUENCE +CREATED\nbell +bell-rev-a, bell-rev-b +0 +0 +\S+ \S+\n$/,
    );
  });

  test('a key from elsewhere is told of and withdrawn, and signs nothing after that', async () => {
    const { privateKeyPem, publicKeyPem } = newSigningKey();
    await writeFile(cli.inside('hsm.pub.pem'), publicKeyPem);
    await writeFile(cli.inside('hsm.key.pem'), privateKeyPem, { mode: 0o600 });
    const added = await cli.answer(
      `key add --product cam --name hsm --public-key ${cli.inside('hsm.pub.pem')}`,
    );
    expect(added.keys).toMatchObject([{ name: 'main' }, { name: 'hsm' }]);
    const withdrawn = await cli.run('key withdraw --product cam --name hsm --reason leaked');
    expect(withdrawn.out).toMatch(/^main +\S+ \S+ +trusted +[0-9a-f]{64}$/m);
    expect(withdrawn.out).toMatch(/^hsm +\S+ \S+ +withdrawn \S+ \S+: leaked +[0-9a-f]{64}$/m);
    const pushed = await cli.run(
      `release push ${cli.inside('cam.bin')} --product cam --version 9.0.0 --key ${cli.inside('hsm.key.pem')}`,
    );
    expect(pushed).toMatchObject({ exitCode: 1, out: '' });
    expect(pushed.err).toContain('must be the id of a signing key that the product trusts');
    const none = await cli.run('key withdraw --product cam --name none --reason leaked');
    expect(none).toMatchObject({ exitCode: 2, out: '' });
    expect(none.err).toContain('cam has no key "none": it has main, hsm');
  });

  test('a push tells its steps on standard error and the release on standard output', async () => {
    const key = cli.inside('cam.key.pem');
    const ran = await cli.run(
      `release push ${cli.inside('cam.bin')} --product cam --version 2.2.0 --key ${key}`,
    );
    expect(ran.exitCode).toBe(0);
    expect(ran.out).toMatch(/state +verified\nsequence +2/);
    expect(ran.err).toMatch(
      /^hashing 97\.7 KiB\n[\s\S]*uploading 97\.7 KiB\n[\s\S]*verifying\nnext: evenkeel release publish cam\/2\.2\.0/,
    );
  });

  test('a release is revoked, and that is waited for', async () => {
    await cli.answer('release publish cam/2.2.0');
    expect(await cli.answer('release revoke cam/2.2.0 --reason too+hot')).toMatchObject({
      state: 'revoked',
      reason: 'too hot',
    });
    expect((await cli.run('release show cam/2.2.0')).out).toContain('revoked: too hot');
  });

  test('a device gets a directory with all that it needs, and its key only there', async () => {
    const out = cli.inside('cam-1');
    const ran = await cli.run(
      `device register cam-1 --product cam --hardware cam-rev-b --tag lab --out ${out} --json`,
    );
    expect(JSON.parse(ran.out)).toMatchObject({ thing: 'acme:cam-1' });
    expect(ran.out).not.toContain('PRIVATE KEY');
    expect((await readdir(out)).sort()).toEqual([
      'authority.pem',
      'certificate.pem',
      'device.json',
      'key.pem',
    ]);
    expect((await stat(path.join(out, 'key.pem'))).mode & 0o777).toBe(0o600);
    const facts = JSON.parse(await readFile(path.join(out, 'device.json'), 'utf8'));
    expect(facts).toMatchObject({ thing: 'acme:cam-1', product: 'cam', hardware: 'cam-rev-b' });
    const certificate = await readFile(path.join(out, 'certificate.pem'), 'utf8');
    const connection = await cli.host.connect('acme:cam-1', {
      certificateId: JSON.parse(ran.out).certificateId,
      certificatePem: certificate,
      privateKeyPem: await readFile(path.join(out, 'key.pem'), 'utf8'),
      authorityPem: await readFile(path.join(out, 'authority.pem'), 'utf8'),
      endpoint: facts.endpoint,
    });
    expect(connection.connected).toBe(true);
  });

  test('a directory that holds something is not touched, and nothing is registered', async () => {
    const ran = await cli.run(
      `device register cam-2 --product cam --hardware cam-rev-b --out ${cli.directory}`,
    );
    expect(ran).toMatchObject({ exitCode: 2, out: '' });
    expect((await cli.run('device show cam-2')).exitCode).toBe(1);
  });

  test('a device that is refused leaves no directory behind', async () => {
    const out = cli.inside('refused');
    const ran = await cli.run(`device register cam-1 --product cam --hardware cam-rev-b --out ${out}`);
    expect(ran).toMatchObject({ exitCode: 1, out: '' });
    expect(await readdir(cli.directory)).not.toContain('refused');
  });

  test('devices are tagged, listed, explained and decommissioned', async () => {
    expect(await cli.answer('device tag cam-1 hall-3 internal')).toMatchObject({
      tags: ['hall-3', 'internal'],
    });
    expect(await cli.answer('device tag cam-1 --none')).toMatchObject({ tags: [] });
    expect((await cli.run('device list')).out).toMatch(/cam-1 +cam +cam-rev-b/);
    expect(await cli.answer('why cam-1')).toMatchObject({ deviceId: 'cam-1', decision: 'nothing' });
    expect((await cli.run('why cam-1')).out).toContain('never checked in');
    expect((await cli.run('device reports cam-1 --day 2026-03-01')).out).toBe('no report on 2026-03-01\n');
    expect(await cli.run('device reports cam-1 --day yesterday')).toMatchObject({ exitCode: 2 });
    expect(await cli.answer('device decommission cam-1')).toMatchObject({ decommissioned: true });
  });
});
