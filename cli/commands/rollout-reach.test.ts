import { writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestCli, type TestCli } from '../testing/test-cli.ts';

const STAGES =
  'stages:\n  - { name: bench, tag: beta, gate: { minConfirmed: 1 } }\n  - { name: all, percent: 100 }\n';

let cli: TestCli;
beforeAll(async () => {
  cli = await startTestCli();
  const key = cli.inside('lamp.key.pem');
  await cli.answer('product create lamp --hardware lamp-a,lamp-b');
  await cli.answer(`key create --product lamp --name main --out ${key}`);
  const what = '--product lamp --version 2.0.0 --hardware lamp-a';
  await cli.answer(`release push ${cli.inside('cam.bin')} ${what} --key ${key}`);
  await cli.answer('release publish lamp/2.0.0');
  for (const [id, hardware] of [
    ['lamp-1', 'lamp-a'],
    ['lamp-2', 'lamp-a'],
    ['lamp-3', 'lamp-b'],
  ] as const) {
    const out = cli.inside(`device-${id}`);
    await cli.answer(`device register ${id} --product lamp --hardware ${hardware} --out ${out}`);
    while ((await cli.answer(`why ${id}`)).hardware === undefined);
  }
});
afterAll(() => cli.stop());
afterEach(() => {
  cli.proxy.fault = () => undefined;
});

async function documentOf(selector: string): Promise<string> {
  const file = cli.inside('rollout.yaml');
  await writeFile(file, `release: lamp/2.0.0\nselector: '${selector}'\n${STAGES}`);
  return file;
}
const answering = (text: string) => ({ ask: () => Promise.resolve(text) });

describe('whom a draft would reach', () => {
  test('is told when it is made, with what looks like a mistake, and later by show', async () => {
    const file = await documentOf('all');
    const { exitCode, out } = await cli.run(`rollout create ${file}`);
    expect(exitCode).toBe(0);
    expect(out).not.toMatch(/^members/m);
    const told = [
      /^matching +3 of 3 devices of lamp$/m,
      /^counted +just now, 3 devices looked at$/m,
      /^would reach +2$/m,
      /^first stage +bench \(tag beta\): 0$/m,
      /^not reached +1: the release has no artifact for their hardware; no stage counts them$/m,
      /^HARDWARE +FROM +DEVICES +REACHED\nlamp-a +never checked in +2 +2\nlamp-b +never checked in +1 +0$/m,
      /^warning: no device that matches is in the first stage, bench \(tag beta\)$/m,
      /^warning: lamp\/2\.0\.0 has no artifact for the hardware of 1 device that matches$/m,
    ];
    for (const line of told) expect(out).toMatch(line);
    const shown = await cli.run('rollout show last');
    for (const line of told.toSpliced(1, 1)) expect(shown.out).toMatch(line);
  });

  test('is nobody where the selector is wrong, which is told before the question', async () => {
    const file = await documentOf('tag("betta")');
    const ran = await cli.run(`rollout launch ${file}`, answering('n'));
    expect(ran).toMatchObject({ exitCode: 1, out: '' });
    expect(ran.err).toMatch(
      /selector +tag\("betta"\)[\s\S]*matching +0 of 3[\s\S]*warning: no device matches the selector, of 3 [\s\S]*not launched/,
    );
  });

  test('is told to scripts by create, show and launch', async () => {
    const count = { ofProduct: 3, members: 3, served: 2, notServed: [{ rule: 'no-artifact', devices: 1 }] };
    const preview = { state: 'counted', count };
    const draft = await cli.answer(`rollout create ${await documentOf('all')}`);
    expect(draft).toMatchObject({ state: 'draft', preview });
    expect(await cli.answer('rollout show last')).toMatchObject({ preview });
    expect(await cli.answer('rollout launch last --yes')).toMatchObject({ state: 'running', preview });
    expect(await cli.answer('rollout show last')).not.toHaveProperty('preview');
    await cli.answer('rollout abort last --reason enough');
  });

  test('is waited for no longer than a few seconds, and the launch goes on without it', async () => {
    const change = (body: string) => {
      const answer = JSON.parse(body);
      return JSON.stringify(
        answer.state === 'draft' ? { ...answer, preview: { state: 'counting' } } : answer,
      );
    };
    cli.proxy.fault = ({ path: asked }) =>
      asked.includes('/rollouts') ? { kind: 'change-answer', change } : undefined;
    const ran = await cli.run(`rollout launch ${await documentOf('all')} --yes --target faulty`);
    expect(ran.exitCode).toBe(0);
    expect(ran.err).toMatch(
      /^counting whom it would reach \.\.\.\nno count within 5 s; it goes on: evenkeel rollout show \w+\n[\s\S]*^would reach +not counted yet$/m,
    );
    expect(ran.out).toMatch(/^launched /);
    await cli.answer('rollout abort last --reason enough');
  });

  test('is not waited for where the backend does not answer meanwhile', async () => {
    const change = (body: string) => JSON.stringify({ ...JSON.parse(body), preview: { state: 'counting' } });
    cli.proxy.fault = ({ method, path: asked }) => {
      if (!asked.includes('/rollouts')) return undefined;
      return method === 'POST'
        ? { kind: 'change-answer', change }
        : { kind: 'answer', status: 500, body: '{"error":{"code":"internal","message":"no"}}' };
    };
    const ran = await cli.run(`rollout create ${await documentOf('all')} --target faulty`);
    expect(ran.exitCode).toBe(0);
    expect(ran.out).toMatch(/^would reach +not counted yet$/m);
  });

  test('is counted again on request, and how old a count is is told with how to get a new one', async () => {
    const file = await documentOf('tag("beta")');
    const { rollout } = await cli.answer(`rollout create ${file}`);
    await cli.answer('device tag lamp-1 beta');
    const counted = async () => (await cli.answer(`rollout count ${rollout}`)).preview.count.members;
    let members = await counted();
    for (let round = 0; round < 10 && members === 0; round += 1) members = await counted();
    expect(members).toBe(1);
    const ran = await cli.run('rollout count last');
    expect(ran.out).toMatch(/^matching +1 of 3 devices of lamp$/m);
    const change = (body: string) => {
      const answer = JSON.parse(body);
      if (answer.preview?.count !== undefined) answer.preview.count.countedAtMs -= 3_600_000;
      return JSON.stringify(answer);
    };
    cli.proxy.fault = () => ({ kind: 'change-answer', change });
    const old = await cli.run('rollout show last --target faulty');
    expect(old.out).toMatch(
      new RegExp(
        `^counted +1h ago, 3 devices looked at; count again: evenkeel rollout count ${rollout}$`,
        'm',
      ),
    );
  });
});
