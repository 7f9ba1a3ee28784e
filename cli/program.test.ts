import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { realWorld } from '#shared/world/real-world.ts';
import { startTestCli, type TestCli } from './testing/test-cli.ts';

let cli: TestCli;
beforeAll(async () => {
  cli = await startTestCli();
});
afterAll(() => cli.stop());

describe('targets', () => {
  test('are listed without their tokens, and one is chosen', async () => {
    const { targets } = await cli.answer('target list');
    expect(targets).toEqual([
      { name: 'faulty', current: false, where: cli.proxy.url },
      { name: 'local', current: true, where: cli.host.directory },
    ]);
    expect((await cli.run('target list')).out).not.toContain('ek_');
    expect(await cli.answer('target use faulty')).toEqual({ target: 'faulty' });
    expect((await cli.answer('target list')).targets[0].current).toBe(true);
    await cli.answer('target use local');
  });

  test.each([
    ['login', /give --data DIR/],
    ['login --data x --url https://y', /not both/],
    ['login --url https://localhost:1', /--token-file/],
    ['product create cam', /--hardware/],
    ['product create cam --hardware a,,b', /separated by commas/],
    ['release push --product cam --version 1.0.0 --key /etc/hosts', /give FILE, or --artifact/],
    [
      'release push x --product cam --version 1.0.0 --key nowhere.pem',
      /cannot read the private key from nowhere\.pem/,
    ],
    ['release push x --product cam --version 1.0.0 --sequence -1 --key k', /whole number/],
    ['release show cam', /PRODUCT\/VERSION/],
    ['rollout launch nowhere.yaml --yes', /there is no file nowhere\.yaml/],
    [`rollout launch ${'long'.repeat(100)} --yes`, /no rollout begins or ends with|there is no rollout yet/],
    ['rollout pause last', /--reason/],
    ['device tag cam-1', /--none/],
    ['relese list', /Did you mean release/],
    ['rollout watch last --target nowhere', /there is no target "nowhere"; known: faulty, local/],
  ])('"%s" is a wrong command line, and it says what is right', async (line, message) => {
    const ran = await cli.run(line);
    expect(ran).toMatchObject({ exitCode: 2, out: '' });
    expect(ran.err).toMatch(message);
  });

  test.each([
    ['relese list', /^unknown command 'relese'\n\(Did you mean release\?\)$/],
    ['rollout pause last', /^required option '--reason <text>' not specified$/],
    ['rollout list --limit 0', /A whole number from 1 to/],
    ['product', /^a command is missing$/],
  ])('"%s" is told as JSON where that was asked for', async (line, message) => {
    const { exitCode, out, err } = await cli.run(`${line} --json`);
    expect([exitCode, out]).toEqual([2, '']);
    expect(JSON.parse(err).error).toMatchObject({ code: 'usage', message: expect.stringMatching(message) });
  });

  test('a login with a token that is not known is refused, and keeps nothing', async () => {
    await writeFile(cli.inside('token'), 'ek_unknown\n');
    const { authority } = cli.host.serving.file;
    const config = { env: { EVENKEEL_CONFIG: cli.inside('other.json') } };
    const ran = await cli.run(
      `login --url ${cli.proxy.url} --token-file ${cli.inside('token')} --ca ${authority}`,
      config,
    );
    expect(ran).toMatchObject({ exitCode: 3, out: '' });
    expect(await cli.run('rollout list', config)).toMatchObject({ exitCode: 3, out: '' });
  });

  test('a login with a token that has an end says when that is, and one without says nothing', async () => {
    const { authority, adminToken, httpPort } = cli.host.serving.file;
    const config = { env: { EVENKEEL_CONFIG: cli.inside('ends.json') } };
    const logIn = (file: string, json = '') =>
      cli.run(
        `login --url https://localhost:${httpPort} --token-file ${file} --ca ${authority} --name ends${json}`,
        config,
      );
    const span = { fromMs: Date.now(), toMs: Date.UTC(2030, 0, 1) };
    await writeFile(cli.inside('guest'), await cli.tokenOf('guest', 'viewer', span));
    expect((await logIn(cli.inside('guest'))).out).toMatch(/^its token ends on 2030-01-01 00:00:00Z$/m);
    const { out } = await logIn(cli.inside('guest'), ' --json');
    expect(JSON.parse(out)).toMatchObject({ target: 'ends', tokenEnds: '2030-01-01T00:00:00.000Z' });
    expect(JSON.parse((await logIn(adminToken, ' --json')).out)).not.toHaveProperty('tokenEnds');
  });

  test('a login with another authority is refused before the token is sent', async () => {
    const { adminToken } = cli.host.serving.file;
    cli.proxy.seen.length = 0;
    const ran = await cli.run(`login --url ${cli.proxy.url} --token-file ${adminToken}`);
    expect(ran).toMatchObject({ exitCode: 3, out: '' });
    expect(ran.err).toMatch(/cannot prove who it is[\s\S]*--ca FILE/);
    expect(cli.proxy.seen).toEqual([]);
  });
});

describe('what would be of no use later', () => {
  let hours = 0;
  test('a key whose name is refused is not left behind', async () => {
    const key = cli.inside('bad.key.pem');
    const ran = await cli.run(`key create --product cam --name Bad+Name! --out ${key}`);
    expect(ran).toMatchObject({ exitCode: 1, out: '' });
    expect([existsSync(key), existsSync(cli.inside('bad.pub.pem'))]).toEqual([false, false]);
  });

  test('a key that no backend heard of is not left behind, and one that may be trusted is kept, with what to do', async () => {
    await cli.answer('product create horn --hardware horn-a');
    const files = ['horn.key.pem', 'horn.pub.pem'].map((name) => cli.inside(name));
    const isThere = () => files.map((file) => existsSync(file));
    const create = `key create --product horn --name main --out ${files[0]} --target faulty`;
    cli.proxy.fault = () => ({
      kind: 'answer',
      status: 503,
      body: '{"error":{"code":"starting","message":"x"}}',
    });
    const away = await cli.run(create, { world: { ...realWorld, monotonicMs: () => (hours += 3_600_000) } });
    expect([away.exitCode, ...isThere()]).toEqual([3, false, false]);
    for (const kind of ['lose-answer', 'lose-request'] as const) {
      cli.proxy.fault = ({ method }) => (method === 'POST' ? { kind } : undefined);
      const ran = await cli.run(create);
      expect([ran.exitCode, ...isThere()]).toEqual([3, true, true]);
      expect(ran.err).toContain(
        'evenkeel product show horn; if not: evenkeel key add --product horn --name main',
      );
      await Promise.all(files.map((file) => rm(file)));
    }
    cli.proxy.fault = () => undefined;
  });

  test('a device for hardware that its product does not have is registered only by force', async () => {
    await cli.answer('product create lamp --hardware lamp-a,lamp-b');
    const into = (name: string) => `--out ${cli.inside(name)}`;
    const typo = await cli.run(`device register l-1 --product lamp --hardware lamp-c ${into('l1')}`);
    expect(typo).toMatchObject({ exitCode: 2, out: '' });
    expect(typo.err).toContain('product lamp has lamp-a, lamp-b');
    const nowhere = await cli.run(`device register l-1 --product lmap --hardware lamp-a ${into('l1')}`);
    expect(nowhere.err).toContain('there is no such product');
    const forced = await cli.run(
      `device register l-1 --product lamp --hardware lamp-c --force ${into('l1')}`,
    );
    expect(forced).toMatchObject({ exitCode: 0 });
  });

  test('a login at the port of the devices says which port that is', async () => {
    const { mqttPort, adminToken, authority } = cli.host.serving.file;
    const url = `https://localhost:${mqttPort}`;
    const ran = await cli.run(
      `login --url ${url} --token-file ${adminToken} --ca ${authority} --name devices`,
    );
    expect(ran).toMatchObject({ exitCode: 3, out: '' });
    expect(ran.err).toMatch(/asks for the certificate of a device: it is not the API/);
    expect(ran.err).not.toMatch(/may have arrived|error:/);
  });

  test('a directory in place of a document is told as one', async () => {
    const ran = await cli.run(`rollout create ${cli.directory}`);
    expect(ran).toMatchObject({ exitCode: 2, out: '' });
    expect(ran.err).toContain('it is a directory; name a file');
  });

  test.each(['limit=1&limit=2', 'limit=%zz', 'limit=0'])('a page of %s is refused by rule', async (query) => {
    const { status, text } = await cli.host.https('GET', `/rollouts?${query}`);
    expect({ status, text }).toMatchObject({
      status: 400,
      text: expect.stringContaining('must be one whole number from 1 to 100'),
    });
  });
});

describe('help', () => {
  test('of the program names every command and every exit code, and is a success', async () => {
    const { exitCode, out } = await cli.run('--help');
    expect(exitCode).toBe(0);
    for (const name of ['login', 'target', 'product', 'key', 'release', 'rollout', 'why', 'device']) {
      expect(out).toMatch(new RegExp(`^  ${name}`, 'm'));
    }
    expect(out).toMatch(
      /0 {2}done[\s\S]*1 {2}refused[\s\S]*2 {2}the command line[\s\S]*3 {2}the backend cannot be reached[\s\S]*6 {2}the rollout that was watched stands still/,
    );
  });

  test.each([
    ...['login', 'target list', 'target use', 'product create', 'product show', 'key create', 'release push'],
    ...[
      'release show',
      'release list',
      'release publish',
      'release revoke',
      'rollout create',
      'rollout launch',
    ],
    ...['rollout list', 'rollout show', 'rollout watch', 'rollout pause', 'rollout advance', 'rollout abort'],
    ...[
      'rollout resume',
      'why',
      'device register',
      'device list',
      'device show',
      'device tag',
      'device decommission',
    ],
  ])('of "%s" has an example of that very command', async (command) => {
    const { exitCode, out } = await cli.run(`${command} --help`);
    expect(exitCode).toBe(0);
    expect(out).toContain(`  $ evenkeel ${command} `.trimEnd());
    expect(out).toContain('--json');
  });

  test('is what the real program prints', async () => {
    const child = spawn(process.execPath, ['cli/main.ts', 'rollout', 'watch', '--help'], {
      cwd: path.resolve(import.meta.dirname, '..'),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    const exitCode = await new Promise((resolve) => child.on('close', resolve));
    expect(exitCode).toBe(0);
    expect(out).toContain('Usage: evenkeel rollout watch [options] <id>');
  });
});
