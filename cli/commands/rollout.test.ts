import { writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Fault } from '../testing/faulty-proxy.ts';
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
    expect(await cli.answer(`rollout pause ${end} --reason looking`)).toMatchObject({ reason: 'looking' });
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

  test('shows failures that devices reported together with those that only their silence told', async () => {
    const counts = { silent: 2, lost: 0, reverted: 1 };
    const cohort = (from: string, counted: object) => ({ hardware: 'cam-rev-b', from, counts: counted });
    const change = (body: string) => {
      const answer = JSON.parse(body);
      if (answer.failures === undefined) {
        const all = { ...answer.counts, ...counts };
        return JSON.stringify({ ...answer, cohorts: [cohort('1.0.0', all), cohort('2.0.0', all)] });
      }
      const reported = { reason: 'flash-write', hardware: 'cam-rev-b', version: '2.1.0', count: 3 };
      return JSON.stringify({ failures: [reported] });
    };
    cli.proxy.fault = ({ path: asked }) =>
      /\/rollouts\/\w+/.test(asked) ? { kind: 'change-answer', change } : undefined;
    const { failures } = await cli.answer('rollout show last --target faulty');
    expect(failures.map(({ reason, count }: { reason: string; count: number }) => [reason, count])).toEqual([
      ['silent', 4],
      ['flash-write', 3],
      ['reverted', 2],
    ]);
  });

  describe('has devices that', () => {
    const asked: string[] = [];
    const one = {
      deviceId: 'cam-1',
      hardware: 'cam-rev-b',
      from: '1.0.0',
      attempt: '01JD4Z6Q7R8S9T0V1W2X3Y4Z5E',
      state: 'silent',
      transient: false,
      excused: true,
      recovered: true,
      grantedAtMs: 1_780_000_000_000,
      endedAtMs: 1_780_000_060_000,
    };
    const failed = { ...one, deviceId: 'cam-22', state: 'failed', excused: false, recovered: false };
    const unreadable = [{ deviceId: 'cam-3', what: 'device acme:cam-3: floor' }];
    const pages: Record<string, object> = {
      first: { devices: [one], unreadable: [], cursor: 'second' },
      second: { devices: [], unreadable: [], cursor: 'third' },
      third: { devices: [{ ...failed, reason: 'no-space' }], unreadable },
    };
    const answered: Fault = { kind: 'answer', status: 200, body: '' };
    beforeEach(() => {
      cli.proxy.fault = ({ path: where }) => {
        if (!where.includes('/devices')) return undefined;
        asked.push(where);
        const page = new URL(where, 'https://localhost').searchParams.get('cursor') ?? 'first';
        return { ...answered, body: JSON.stringify(pages[page]) };
      };
    });

    test('are listed over all pages, also as JSON, by end or reason', async () => {
      const { out, err, exitCode } = await cli.run('rollout devices last --end silent --target faulty');
      expect([exitCode, err]).toEqual([0, '']);
      expect(out).toMatch(
        /^DEVICE +HARDWARE [\s\S]*\ncam-1 [\s\S]*\ncam-22 [\s\S]*\nUNREADABLE [\s\S]*\ncam-3 /,
      );
      const answer = await cli.answer('rollout devices last --reason no-space --target faulty');
      expect(answer).toEqual({ devices: [one, { ...failed, reason: 'no-space' }], unreadable });
      expect(asked.map((where) => where.replace(/.*\?/, '').replace(/limit=\d+/, ''))).toEqual(
        [
          ...['end=silent', 'cursor=second&end=silent', 'cursor=third&end=silent'],
          ...['reason=no-space', 'cursor=second&reason=no-space', 'cursor=third&reason=no-space'],
        ].map((query) => expect.stringContaining(query)),
      );
    });

    test('are more than was asked for, which is said', async () => {
      const { out, err } = await cli.run('rollout devices last --limit 1 --target faulty');
      expect(out).not.toContain('cam-22');
      expect(err).toMatch(/these are 1, and there may be more: --limit/);
    });

    test('are asked for by a word that there is', async () => {
      const { exitCode, err } = await cli.run('rollout devices last --end bricked');
      expect(exitCode).toBe(2);
      expect(err).toMatch(/Allowed choices are open, granted, .*silent/);
    });

    test('are nobody at first', async () => {
      expect((await cli.run('rollout devices last')).out).toBe('no such device\n');
    });
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

  test('whose document asks for approvals is launched once others have approved what they were shown', async () => {
    const file = cli.inside('approved.yaml');
    await writeFile(file, `${document}approvals: 1\n`);
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

  test('that asks for no approval says so to who would approve it', async () => {
    const draft = await cli.answer(`rollout create ${cli.inside('rollout.yaml')}`);
    const ran = await cli.run('rollout approve last --yes');
    expect(ran).toMatchObject({ exitCode: 1, out: '' });
    expect(ran.err).toContain(`rollout ${draft.rollout} needs no approval`);
  });
});
