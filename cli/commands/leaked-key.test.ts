import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestCli, type TestCli } from '../testing/test-cli.ts';

let cli: TestCli;
beforeAll(async () => {
  cli = await startTestCli();
  await cli.launchRollout();
});
afterAll(() => cli.stop());

const withdrawMain = 'key withdraw --product cam --name main --reason leaked';

describe('a signing key that leaked', () => {
  test('is not withdrawn while devices could trust no other, unless that is said', async () => {
    const ran = await cli.run(withdrawMain);
    expect(ran).toMatchObject({ exitCode: 1, out: '' });
    expect(ran.err).toMatch(/"main" is the only key that cam trusts[\s\S]*key create[\s\S]*--leave-none/);
    expect((await cli.answer('product show cam')).keys[0]).not.toHaveProperty('withdrawn');
  });

  test('is named by the releases that it has signed', async () => {
    const next = cli.inside('next.key.pem');
    const { keyId } = await cli.answer(`key create --product cam --name next --out ${next}`);
    await cli.answer(`release push ${cli.inside('cam.bin')} --product cam --version 3.0.0 --key ${next}`);
    expect(await cli.answer('release show cam/3.0.0')).toMatchObject({ keyId });
    expect((await cli.run('release show cam/3.0.0')).out).toMatch(/^signed by +next$/m);
    const listed = await cli.answer('release list --product cam --key main');
    expect(listed.releases).toMatchObject([{ release: 'cam/2.1.0' }]);
    expect((await cli.run('release list --product cam')).out).toMatch(/KEY\n.* next\n.* main\n$/);
    const none = await cli.run('release list --product cam --key spare');
    expect([none.exitCode, none.err]).toEqual([2, expect.stringContaining('it has main, next')]);
  });

  test('is succeeded by one whose file stands beside that of the first', async () => {
    const from = process.cwd();
    process.chdir(cli.directory);
    try {
      await cli.answer('product create bell --hardware bell-rev-a');
      const first = await cli.answer('key create --product bell --name main');
      expect(first).toMatchObject({ file: 'bell.key.pem', publicFile: 'bell.pub.pem' });
      const second = await cli.answer('key create --product bell --name next');
      expect(second).toMatchObject({ file: 'bell-next.key.pem', publicFile: 'bell-next.pub.pem' });
      const again = await cli.run('key create --product bell --name main');
      expect([again.exitCode, again.err]).toEqual([
        2,
        'evenkeel: bell.key.pem is there already and is not written over: name another\n',
      ]);
    } finally {
      process.chdir(from);
    }
  });

  test('is withdrawn with a list of what it has signed and may still reach devices', async () => {
    const { rollout } = await cli.answer('rollout show last');
    const ran = await cli.run(withdrawMain);
    expect(ran.out).toMatch(new RegExp(`^cam/2\\.1\\.0 +published +${rollout} \\(running\\)$`, 'm'));
    expect(ran.err).toMatch(/^next: evenkeel release revoke RELEASE/);
    const again = await cli.answer(withdrawMain);
    expect(again.signed).toEqual([
      { release: 'cam/2.1.0', state: 'published', rollouts: [{ rollout, state: 'running' }] },
    ]);
  });

  test('and another rollout of the same release are warned of before a launch and an approval', async () => {
    const { rollout } = await cli.answer('rollout show last');
    const file = cli.inside('again.yaml');
    await writeFile(file, 'release: cam/2.1.0\nselector: all\nstages:\n  - { name: all, percent: 100 }\n');
    const no = await cli.run(`rollout launch ${file}`, { ask: () => Promise.resolve('n') });
    expect(no.err).toMatch(
      /warning: cam\/2\.1\.0 is signed with the key main, which was withdrawn .*: leaked\n/,
    );
    expect(no.err).toContain(`warning: there is a rollout of cam/2.1.0 already: ${rollout} (running)\n`);
    await cli.answer('rollout abort last --reason slip');
  });

  test('reaches nobody any more once what it has signed is revoked', async () => {
    const ran = await cli.run('release revoke cam/2.1.0 --reason not+ours');
    expect(ran.err).toMatch(/^who has it: evenkeel rollout devices \w{26} --end good$/m);
    expect((await cli.run(withdrawMain)).out).toContain('nothing that main has signed can reach a device\n');
  });
});
