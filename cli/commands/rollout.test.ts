import { writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestCli, type TestCli } from '../testing/test-cli.ts';

let cli: TestCli;
beforeAll(async () => {
  cli = await startTestCli();
  await cli.publishRelease();
});
afterAll(() => cli.stop());
afterEach(() => {
  cli.proxy.fault = () => undefined;
});

describe('a rollout', () => {
  const document = 'release: cam/2.1.0\nselector: all\nstages:\n  - { name: all, percent: 100 }\n';

  test('is created, launched, shown, paused, resumed and aborted', async () => {
    await writeFile(cli.inside('rollout.yaml'), document);
    const draft = await cli.answer(`rollout create ${cli.inside('rollout.yaml')}`);
    expect(draft).toMatchObject({ state: 'draft' });
    const launched = await cli.run('rollout launch last --yes');
    expect(launched.out).toBe(`launched ${draft.rollout}: cam/2.1.0, halts at ${draft.haltsAt}\n`);
    expect((await cli.answer('rollout list')).rollouts).toMatchObject([
      { rollout: draft.rollout, state: 'running' },
    ]);
    const end = draft.rollout.slice(-8).toLowerCase();
    // What JSON itself does not escape: a terminal must not be repainted by another person's words.
    const hostile = 'looking\u009b2J\u202e\u2028x';
    const { out } = await cli.run(`rollout pause ${end} --reason ${hostile} --json`);
    expect(out).toContain('"reason":"looking\\u009b2J\\u202e\\u2028x"');
    expect(JSON.parse(out)).toMatchObject({ reason: hostile });
    // Nothing has failed, so that they are refused, one by one.
    const excused = await cli.run(
      'rollout resume last --reason x --excuse-reason silent,lost --excuse-reason a-b',
    );
    expect(excused.err).toContain('reasons of failures of this rollout (none failed), not silent, lost, a-b');
    expect(await cli.answer('rollout resume last --reason fine')).toMatchObject({ state: 'running' });
    expect(await cli.answer('rollout show last')).toMatchObject({ state: 'running', failures: [] });
    expect((await cli.run('rollout show last')).out).toMatch(/> all[\s\S]*EVIDENCE[\s\S]*no failures/);
    const again = await cli.run('rollout advance last --reason hurry');
    expect(again.exitCode).toBe(1);
    expect(again.err).toBe(
      'evenkeel: rollout: its last stage is open already\nWhere it stands, and why: evenkeel rollout show ID.\n',
    );
    expect(await cli.answer('rollout abort last --reason enough')).toMatchObject({ state: 'aborted' });
  });

  test('is launched once of a document, though a script that was cut off runs again', async () => {
    await writeFile(cli.inside('once.yaml'), `${document}settle: 2h\n`);
    const launch = `rollout launch ${cli.inside('once.yaml')} --yes --once`;
    const first = await cli.answer(launch);
    expect(first).toMatchObject({ state: 'running' });
    // As people would write it, and as a program does.
    const { release, selector, stages, settle } = first.document;
    await writeFile(cli.inside('once.yaml'), JSON.stringify({ settle, stages, selector, release }));
    expect(await cli.answer(launch)).toMatchObject({ rollout: first.rollout, state: 'running' });
    const byId = `rollout launch ${first.rollout} --yes --once`;
    expect(await cli.answer(byId)).toMatchObject({ rollout: first.rollout });
    await cli.answer(`rollout abort ${first.rollout} --reason enough`);
    const ran = await cli.run(launch);
    expect(ran.exitCode).toBe(0);
    expect(ran.out).toBe(`launched before: ${first.rollout}: cam/2.1.0, aborted\n`);
    // Nobody launched what was made to find that out; another document is another rollout.
    const { rollouts } = await cli.answer('rollout list');
    expect(rollouts.map(({ state }: { state: string }) => state)).not.toContain('running');
    await writeFile(cli.inside('once.yaml'), `${document}settle: 3h\n`);
    const other = await cli.answer(launch);
    expect(other.rollout).not.toBe(first.rollout);
    await cli.answer(`rollout abort ${other.rollout} --reason enough`);
  });

  test('is launched once of a document with a hold-out, which its release has since', async () => {
    const key = cli.inside('cam.key.pem');
    await cli.answer(`release push ${cli.inside('cam.bin')} --product cam --version 2.2.0 --key ${key}`);
    await cli.answer('release publish cam/2.2.0');
    const heldOut = document.replace('2.1.0', '2.2.0').concat('holdOut: { share: 10%, for: 1h }\n');
    await writeFile(cli.inside('held.yaml'), heldOut);
    const launch = `rollout launch ${cli.inside('held.yaml')} --yes --once`;
    const { rollout } = await cli.answer(launch);
    expect(await cli.answer(launch)).toMatchObject({ rollout, state: 'running' });
    await cli.answer(`rollout abort ${rollout} --reason enough`);
  });

  test('is launched from a document only after a yes', async () => {
    const asked: string[] = [];
    const answer = (text: string) => ({
      ask: (question: string) => {
        asked.push(question);
        return Promise.resolve(text);
      },
    });
    const no = await cli.run(`rollout launch ${cli.inside('rollout.yaml')}`, answer('n'));
    expect(no).toMatchObject({ exitCode: 1, out: '' });
    expect(no.err).toMatch(/selector +all[\s\S]*halts at[\s\S]*not launched; the draft/);
    const yes = await cli.run('rollout launch last', answer('y'));
    expect(yes).toMatchObject({ exitCode: 0 });
    expect(asked).toHaveLength(2);
  });

  test('is not launched where there is nobody to ask, and no draft is made', async () => {
    const before = await cli.answer('rollout list');
    const ran = await cli.run(`rollout launch ${cli.inside('rollout.yaml')}`);
    expect(ran).toMatchObject({ exitCode: 2 });
    expect(ran.err).toContain('--yes');
    expect(await cli.answer('rollout list')).toEqual(before);
  });

  test('with a document that the backend refuses names field and rule', async () => {
    await writeFile(cli.inside('bad.yaml'), document.replace('percent: 100', 'percent: 0'));
    const ran = await cli.run(`rollout create ${cli.inside('bad.yaml')} --json`);
    expect(ran).toMatchObject({ exitCode: 1, out: '' });
    expect(JSON.parse(ran.err).error).toMatchObject({
      code: 'refused',
      field: expect.stringMatching(/^stages\.0/),
    });
  });

  test.each([
    ['zzzzzz', /no rollout begins or ends with/],
    ['01K', /at least 4 characters/],
    ['', /at least 4 characters/],
  ])('that is named %s is not guessed', async (name, message) => {
    const ran = await cli.run(`rollout show ${name}`);
    expect(ran.exitCode).toBe(2);
    expect(ran.err).toMatch(message);
  });

  test('whose id begins like that of another is not guessed', async () => {
    const [one, another] = (await cli.answer('rollout list')).rollouts;
    const part = one.rollout.slice(0, 4);
    expect(another.rollout).toMatch(new RegExp(`^${part}`));
    const ran = await cli.run(`rollout show ${part}`);
    expect(ran.exitCode).toBe(2);
    expect(ran.err).toMatch(/means \d+ rollouts/);
  });

  test.each([
    ['+++', /must say why/],
    ['', /must say why/],
  ])('is not paused for no reason', async (reason, rule) => {
    const ran = await cli.run(`rollout pause last --reason ${reason}`);
    expect(ran).toMatchObject({ exitCode: 1, out: '' });
    expect(ran.err).toMatch(rule);
  });

  test.each(['pause', 'abort', 'advance'])('is not meant by an empty word to %s', async (command) => {
    const before = await cli.answer('rollout list');
    expect(await cli.run(`rollout ${command}  --reason x`)).toMatchObject({ exitCode: 2, out: '' });
    expect(await cli.answer('rollout list')).toEqual(before);
  });

  test('in the wrong state names the command that helps, and says to who comes second why', async () => {
    const told = async (line: string) => (await cli.run(line)).err;
    const file = cli.inside('two-stages.yaml');
    await writeFile(file, document.replace('stages:', 'stages:\n  - { name: first, percent: 10 }'));
    await cli.answer(`rollout create ${file}`);
    expect(await told('rollout resume last --reason x')).toMatch(
      /Launch it first: evenkeel rollout launch ID\.\n$/,
    );
    await cli.answer('rollout launch last --yes');
    await cli.answer('rollout pause last --reason smoke');
    expect(await told('rollout pause last --reason other')).toMatch(
      /cannot pause: it is paused \(smoke\), which allows resume, abort\nWho did that, and why: evenkeel audit ID\.\n$/,
    );
    expect(await told('rollout advance last --reason x')).toMatch(
      /cannot advance: it is paused .*\nLet it go on first: evenkeel rollout resume ID --reason TEXT\.\n$/,
    );
    await cli.answer('rollout abort last --reason enough');
    expect(await told('rollout resume last --reason x')).toMatch(
      /which is final\nLaunch its document anew: evenkeel rollout launch FILE\.\n$/,
    );
  });
});
