import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestCli, type TestCli } from '../testing/test-cli.ts';

const DOCUMENT = 'release: cam/2.1.0\nselector: all\nstages:\n  - { name: all, percent: 100 }\n';

let cli: TestCli;
beforeAll(async () => {
  cli = await startTestCli();
  await cli.publishRelease();
});
afterAll(() => cli.stop());

describe('a rollout whose document asks for approvals', () => {
  test('is launched once others have approved what they were shown', async () => {
    const file = cli.inside('approved.yaml');
    await writeFile(file, `${DOCUMENT}approvals: 1\n`);
    const create = await cli.run(`rollout create ${file}`);
    expect(create.out).toMatch(/approvals +0 of 1; 1 missing/);
    expect(create.err).toMatch(/next: evenkeel rollout approve /);
    const early = await cli.run('rollout launch last --yes');
    expect(early).toMatchObject({ exitCode: 1, out: '' });
    expect(early.err).toMatch(
      /not launched: 1 of 1 approvals missing; the draft[\s\S]*evenkeel rollout approve/,
    );
    expect((await cli.run('rollout approve last --yes')).err).toMatch(/somebody else than operator:admin/);

    const token = cli.inside('bob.token');
    await writeFile(token, await cli.tokenOf('bob', 'approver'));
    const { httpPort, authority } = cli.host.serving.file;
    const url = `https://localhost:${httpPort}`;
    await cli.answer(`login --url ${url} --token-file ${token} --ca ${authority} --name bob`);
    await cli.answer('target use local');
    expect(await cli.run('rollout approve last --target bob')).toMatchObject({ exitCode: 2 });
    const no = await cli.run('rollout approve last --target bob', { ask: () => Promise.resolve('n') });
    expect(no).toMatchObject({ exitCode: 1, out: '' });
    expect(no.err).toMatch(/selector +all[\s\S]*stages +name all, percent 100%[\s\S]*was not approved/);
    const yes = await cli.run('rollout approve last --target bob --yes');
    expect(yes.out).toMatch(/^approved \w{26}: cam\/2\.1\.0, 1 of 1: operator:bob\n$/);
    expect(await cli.answer('rollout show last')).toMatchObject({ approvals: { missing: 0 } });
    expect((await cli.run('rollout show last')).out).toMatch(/approvals +1 of 1: operator:bob\n/);
    expect((await cli.run('audit last')).out).toMatch(/operator:bob +approve +draft/);
    expect(await cli.run('rollout launch last --yes')).toMatchObject({ exitCode: 0 });
    expect(await cli.answer('rollout abort last --reason enough')).toMatchObject({ state: 'aborted' });
  });

  test('that was dropped before its launch is never said to have been launched, nor launched for approvals that it lacks', async () => {
    await cli.answer(`rollout create ${cli.inside('approved.yaml')}`);
    const dropped = await cli.answer('rollout abort last --reason slip');
    expect(dropped).toMatchObject({ state: 'aborted', stages: [{ name: 'all', state: 'waiting' }] });
    expect(dropped).not.toHaveProperty('launchedAtMs');
    const { out } = await cli.run('rollout show last');
    expect(out).toMatch(/state +aborted: slip/);
    expect(out).not.toMatch(/launched|EVIDENCE|permit/);
    const ran = await cli.run('rollout launch last --yes');
    expect(ran).toMatchObject({ exitCode: 1, out: '' });
    expect(ran.err).toMatch(
      /^evenkeel: not launched: rollout \w{26} is aborted and no draft any more\nLaunch its document/,
    );
  });
});

test('an approval that no document asks for is refused, with the reason', async () => {
  await writeFile(cli.inside('rollout.yaml'), DOCUMENT);
  const draft = await cli.answer(`rollout create ${cli.inside('rollout.yaml')}`);
  const ran = await cli.run('rollout approve last --yes');
  expect(ran).toMatchObject({ exitCode: 1, out: '' });
  expect(ran.err).toContain(`rollout ${draft.rollout} needs no approval`);
});
