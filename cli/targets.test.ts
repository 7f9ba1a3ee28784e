import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { HOST_FILE, type HostFile } from '#shared/contracts/host-file.ts';
import { remoteTarget } from './actions/log-in.ts';
import { NotLoggedInError, UsageError } from './errors.ts';
import {
  accessOf,
  pickTarget,
  readTargets,
  removeTarget,
  saveTarget,
  targetsPath,
  useTarget,
} from './targets.ts';

let directory: string;
let file: string;
const plant = { kind: 'url', url: 'https://api.example.com', token: 'ek_secret' } as const;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'evenkeel-targets-'));
  file = path.join(directory, 'config', 'targets.json');
});
afterEach(() => rm(directory, { recursive: true }));

describe('the file of targets', () => {
  test('is where EVENKEEL_CONFIG says, else in the configuration home', () => {
    expect(targetsPath({ EVENKEEL_CONFIG: '/etc/ek.json', XDG_CONFIG_HOME: '/x' })).toBe('/etc/ek.json');
    expect(targetsPath({ XDG_CONFIG_HOME: '/x' })).toBe('/x/evenkeel/targets.json');
    expect(targetsPath({})).toBe(path.join(homedir(), '.config/evenkeel/targets.json'));
  });

  test('is made for its owner only, and keeps what was there', async () => {
    await saveTarget(file, 'plant', plant);
    await saveTarget(file, 'bench', { kind: 'data', directory });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(path.dirname(file))).mode & 0o777).toBe(0o700);
    const targets = await readTargets(file);
    expect(targets.current).toBe('bench');
    expect(pickTarget(targets, 'plant')).toEqual(plant);
  });

  test('that others may read is refused rather than used', async () => {
    await saveTarget(file, 'plant', plant);
    await chmod(file, 0o644);
    await expect(readTargets(file)).rejects.toThrow(/chmod 600/);
  });

  test('that is a directory, or lies in a file, is told as that with what to do, and nothing is changed', async () => {
    await expect(readTargets(directory)).rejects.toThrow(
      /: it is a directory.*EVENKEEL_CONFIG names another/,
    );
    await writeFile(path.join(directory, 'x'), 'a file');
    const within = path.join(directory, 'x', 'targets.json');
    await expect(readTargets(within)).rejects.toThrow(NotLoggedInError);
    const refused = saveTarget(path.join(directory, 'x', 'y', 'targets.json'), 'plant', plant);
    await expect(refused).rejects.toThrow(/EVENKEEL_CONFIG names another file/);
  });

  test.each(['', '{', '{"v":2}', '{"v":1,"targets":{"x":{"kind":"url"}}}'])(
    'that says %j is refused and not written over',
    async (text) => {
      await mkdir(path.dirname(file));
      await writeFile(file, text, { mode: 0o600 });
      await expect(saveTarget(file, 'plant', plant)).rejects.toThrow(NotLoggedInError);
      expect(await readFile(file, 'utf8')).toBe(text);
    },
  );

  test('without a target says to log in, with an unknown name which ones there are', async () => {
    const none = await readTargets(file);
    expect(() => pickTarget(none, undefined)).toThrow(NotLoggedInError);
    await saveTarget(file, 'plant', plant);
    await expect(useTarget(file, 'nowhere')).rejects.toThrow(/known: plant/);
    const targets = await readTargets(file);
    expect(() => pickTarget(targets, 'constructor')).toThrow(UsageError);
  });

  test('forgets a target with its token; the current one leaves none current', async () => {
    await saveTarget(file, 'plant', plant);
    await saveTarget(file, 'other', plant);
    await removeTarget(file, 'plant');
    expect(await readTargets(file)).toEqual({ v: 1, current: 'other', targets: { other: plant } });
    await expect(removeTarget(file, 'plant')).rejects.toThrow(/known: other/);
    await saveTarget(file, 'plant', plant);
    await removeTarget(file, 'plant');
    const left = await readTargets(file);
    expect(() => pickTarget(left, undefined)).toThrow(/target use NAME, one of other/);
    await removeTarget(file, 'other');
    expect(await readTargets(file)).toEqual({ v: 1, targets: {} });
  });

  test.each(['', '../x', 'A', '__proto__'])('a target cannot be called %j', async (name) => {
    await expect(saveTarget(file, name, plant)).rejects.toThrow(UsageError);
  });
});

/** What is refused must not empty the file on its way. */
const MAKE_ANOTHER =
  /\(umask 077; npm run --silent token -- --data (\S+) --name admin --role admin > (\S+token)\.new\) && mv \2\.new \2, with --tenant NAME/;

describe('a host on this machine', () => {
  const write = async (httpPort: number) => {
    await writeFile(path.join(directory, 'token'), 'ek_admin\n');
    await writeFile(path.join(directory, 'ca.pem'), 'PEM');
    const facts: HostFile = {
      name: 'localhost',
      mqttPort: 8883,
      httpPort,
      pid: 1,
      authority: 'ca.pem',
      adminToken: 'token',
    };
    await writeFile(path.join(directory, HOST_FILE), JSON.stringify(facts));
  };

  test('is found where it serves now, even if its port has changed', async () => {
    await write(8443);
    expect(await accessOf({ kind: 'data', directory })).toEqual({
      url: 'https://localhost:8443',
      token: 'ek_admin',
      caPem: 'PEM',
    });
    await write(9000);
    expect(await accessOf({ kind: 'data', directory })).toMatchObject({ url: 'https://localhost:9000' });
  });

  test('that does not serve is out of reach, and nothing was sent', async () => {
    const access = accessOf({ kind: 'data', directory });
    await expect(access).rejects.toThrow(`no host serves from ${directory}`);
    await expect(access).rejects.toMatchObject({ code: 'unreachable', mayHaveHappened: false });
  });

  test.each([
    ['token', MAKE_ANOTHER],
    ['ca.pem', /start the host again/],
  ])('that serves and has lost %s says how to get another', async (file, remedy) => {
    await write(8443);
    await rm(path.join(directory, file));
    const access = accessOf({ kind: 'data', directory });
    await expect(access).rejects.toThrow(path.join(directory, file));
    await expect(access).rejects.toThrow(remedy);
  });

  test('whose token file is corrupted is an error that does not show what it holds', async () => {
    await write(8443);
    await writeFile(path.join(directory, 'token'), 'half\na-secret');
    const error = await accessOf({ kind: 'data', directory }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NotLoggedInError);
    expect(String(error)).not.toContain('secret');
  });

  test.each(['', '\n', 'half\na-secret'])(
    'whose token file holds no token (%j) says how to make another',
    async (held) => {
      await write(8443);
      await writeFile(path.join(directory, 'token'), held);
      const access = accessOf({ kind: 'data', directory });
      await expect(access).rejects.toThrow(`${path.join(directory, 'token')} does not hold a token`);
      await expect(access).rejects.toThrow(MAKE_ANOTHER);
    },
  );
});

describe('any other backend', () => {
  const url = 'https://api.example.com';

  test('is kept with its token and its authority', async () => {
    const tokenFile = path.join(directory, 'token');
    const caFile = path.join(directory, 'ca.pem');
    await writeFile(tokenFile, 'ek_secret\n');
    await writeFile(caFile, '-----BEGIN CERTIFICATE-----\n');
    expect(await remoteTarget({ url, tokenFile, caFile })).toMatchObject({ token: 'ek_secret', url });
    await writeFile(caFile, 'no certificate');
    await expect(remoteTarget({ url, tokenFile, caFile })).rejects.toThrow(/holds no certificate/);
  });

  test('without its token file is refused by the name of the file', async () => {
    await expect(remoteTarget({ url, tokenFile: '/nowhere/token' })).rejects.toThrow(
      'cannot read the token from /nowhere/token: there is no such file',
    );
  });
});
