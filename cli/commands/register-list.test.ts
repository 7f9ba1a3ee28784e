import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { newSigningRequest } from '#shared/x509/new-signing-request.ts';
import { startTestCli, type TestCli } from '../testing/test-cli.ts';

const FAST = '--per-second 1000';

let cli: TestCli;
beforeAll(async () => {
  cli = await startTestCli();
  await cli.answer('product create cam --hardware cam-rev-b,cam-rev-c');
});
afterAll(() => cli.stop());
afterEach(() => {
  cli.proxy.fault = () => undefined;
  cli.proxy.seen.length = 0;
});

const isRegistering = ({ method, path: target }: { method: string; path: string }) =>
  method === 'POST' && target === '/devices';
const modeOf = async (name: string) => (await stat(name)).mode & 0o777;

describe('a list of devices is registered', () => {
  test('each into a folder of its own, with a key that the backend never saw', async () => {
    const list = await cli.file('mixed.csv', 'id,hardware,tags\na-1,cam-rev-b,hall-3\na-2,cam-rev-c,\n');
    const out = cli.inside('mixed');
    const ran = await cli.run(
      `device register --file ${list} --product cam --hardware cam-rev-b --tag pilot --out ${out} ${FAST}`,
    );
    // Beside what a slow machine is told of its progress.
    expect(ran).toMatchObject({ exitCode: 0, err: expect.stringMatching(/^(registering: .*\n)*$/) });
    expect(ran.out).toMatch(/^registered +2 in .*\nalready so +0\nfailed +0\n$/);
    expect(await readdir(out)).toEqual(['.lock', 'a-1', 'a-2']);
    expect(
      await Promise.all([out, path.join(out, 'a-1'), path.join(out, 'a-1/key.pem')].map(modeOf)),
    ).toEqual([0o700, 0o700, 0o600]);
    expect(await cli.answer('device show a-1')).toMatchObject({ tags: ['hall-3', 'pilot'] });
    const { certificateId } = await cli.answer('device show a-2');
    const read = (name: string) => readFile(path.join(out, 'a-2', name), 'utf8');
    const { thing, endpoint, hardware } = JSON.parse(await read('device.json'));
    expect(hardware).toBe('cam-rev-c');
    const connection = await cli.host.connect(thing, {
      certificateId,
      endpoint,
      certificatePem: await read('certificate.pem'),
      privateKeyPem: await read('key.pem'),
      authorityPem: await read('authority.pem'),
    });
    expect(connection.connected).toBe(true);
  });

  test('and again: what is there is left alone, and what is new is added', async () => {
    const list = await cli.deviceList('again', 3);
    const out = cli.inside('again');
    const line = `device register --file ${list} --out ${out} ${FAST}`;
    await cli.answer(line);
    const key = await readFile(path.join(out, 'again-2/key.pem'), 'utf8');
    await writeFile(list, `${await readFile(list, 'utf8')}again-4,cam,cam-rev-b\n`);
    expect(await cli.answer(line)).toMatchObject({ registered: 1, already: 3, failed: [], notTried: 0 });
    expect(await readFile(path.join(out, 'again-2/key.pem'), 'utf8')).toBe(key);
  });

  test('with the keys that the devices made, each by its own signing request', async () => {
    const list = await cli.deviceList('own', 2);
    const requests = cli.inside('own-requests');
    const pairs = [1, 2].map(() => generateKeyPairSync('ec', { namedCurve: 'prime256v1' }));
    await mkdir(requests);
    const write = (at: number, pair: (typeof pairs)[number] | undefined) =>
      pair && writeFile(path.join(requests, `own-${at}.csr.pem`), newSigningRequest(pair, 'x'));
    await write(1, pairs[0]);
    const line = `device register --file ${list} --csrs ${requests} --out ${cli.inside('own')} ${FAST}`;
    const missing = await cli.run(line);
    expect(missing).toMatchObject({ exitCode: 2, out: '' });
    expect(missing.err).toMatch(
      /line 3: own-2: cannot read the signing request.*no such file; nothing was done/,
    );
    await write(2, pairs[0]);
    expect((await cli.run(line)).err).toContain(
      'line 3: the key of own-2 must be its own, but is that of own-1',
    );
    await write(2, pairs[1]);
    expect(await cli.answer(line)).toMatchObject({ registered: 2 });
    const certificate = await readFile(cli.inside('own/own-2/certificate.pem'), 'utf8');
    const { publicKey } = new X509Certificate(certificate);
    expect(pairs.map((pair) => publicKey.equals(pair.publicKey))).toEqual([false, true]);
    expect(await readdir(cli.inside('own/own-2'))).toEqual([
      'authority.pem',
      'certificate.pem',
      'device.json',
    ]);
    expect(await cli.answer(line)).toMatchObject({ registered: 0, already: 2 });
    await write(2, generateKeyPairSync('ec', { namedCurve: 'prime256v1' }));
    const other = await cli.run(line);
    expect(other.exitCode).toBe(1);
    expect(other.out).toMatch(
      /line 3, own-2: the certificate in .* is of another key than its signing request/,
    );
  });

  test.each([
    ['x-1,cam,cam-rev-b\nx 2,cam,cam-rev-b\n', /line 3: id "x 2" must be 1 to 43 letters/],
    ['x-1,cam,cam-rev-b\nx-1,cam,cam-rev-b\n', /line 3: id x-1 is on line 2 already/],
    ['x-1,cam,\n', /line 2: hardware is in no column, and --hardware is not given/],
    ['x-1,cam,cam-rev-b\nx-2,cam,cam-rev-z\n', /line 3: .*cam-rev-z: product cam has cam-rev-b, cam-rev-c/],
    ['x-1,mac,cam-rev-b\n', /line 2: .*there is no such product/],
  ])('not at all where a line is wrong: %j', async (rows, message) => {
    const list = await cli.file('wrong.csv', `id,product,hardware\n${rows}`);
    const ran = await cli.run(`device register --file ${list} --out ${cli.inside('wrong')} --target faulty`);
    expect(ran).toMatchObject({ exitCode: 2, out: '' });
    expect(ran.err).toMatch(message);
    expect(cli.proxy.count('POST', /devices/)).toBe(0);
    expect(await readdir(cli.directory)).not.toContain('wrong');
  });
});

describe('while things go wrong', () => {
  test('one device that is refused keeps none of the others, and is told and fed in again', async () => {
    await cli.answer(
      `device register r-2 --product cam --hardware cam-rev-b --out ${cli.inside('elsewhere')}`,
    );
    const list = await cli.deviceList('r', 3);
    const [out, failed] = [cli.inside('r'), cli.inside('r.failed.csv')];
    const ran = await cli.run(`device register --file ${list} --out ${out} --failed ${failed} ${FAST}`);
    expect(ran.exitCode).toBe(1);
    expect(ran.out).toMatch(
      /registered +2 .*\n.*\nfailed +1\nline 3, r-2: is registered since 20.* never connected/,
    );
    expect(ran.out).toContain('evenkeel device decommission ID');
    expect(await readdir(out)).toEqual(['.lock', 'r-1', 'r-3']);
    expect(await readFile(failed, 'utf8')).toMatch(
      /^id,product,hardware,tags,failure\nr-2,cam,cam-rev-b,,.*\n$/,
    );
    await cli.answer('device decommission r-2');
    expect(await cli.answer(`device register --file ${failed} --out ${out} ${FAST}`)).toMatchObject({
      registered: 1,
    });
  });

  test('answers that ask for patience, and connections that are lost, are tried again', async () => {
    const list = await cli.deviceList('bad', 12);
    const answer = (status: number, body: string) => ({ kind: 'answer', status, body }) as const;
    const faults = [
      answer(429, '{"message":"Too Many Requests"}'),
      answer(503, '{"message":"Service Unavailable"}'),
      { kind: 'lose-request' } as const,
      answer(503, '{"error":{"code":"starting","message":"not yet"}}'),
    ];
    cli.proxy.fault = (request) => (isRegistering(request) ? faults.pop() : undefined);
    const line = `device register --file ${list} --out ${cli.inside('bad')} --target faulty ${FAST}`;
    expect(await cli.answer(line)).toMatchObject({ registered: 12, failed: [] });
    expect(cli.proxy.count('POST', /^\/devices$/)).toBe(16);
  });

  test('a certificate that was lost on its way is told, with what to do', async () => {
    const list = await cli.deviceList('lost', 2);
    let loses = true;
    cli.proxy.fault = (request) => {
      if (!isRegistering(request) || !loses) return undefined;
      loses = false;
      return { kind: 'lose-answer' };
    };
    const line = `device register --file ${list} --out ${cli.inside('lost')} --target faulty ${FAST}`;
    const ran = await cli.run(line);
    expect(ran.exitCode).toBe(1);
    const [, lost = ''] = /line \d, (lost-\d): is registered since .*may have been lost/.exec(ran.out) ?? [];
    await cli.answer(`device decommission ${lost}`);
    expect(await cli.answer(line)).toMatchObject({ registered: 1, already: 1 });
  });

  test('somebody who may not is told at once', async () => {
    const list = await cli.deviceList('may', 50);
    cli.proxy.fault = (request) =>
      isRegistering(request)
        ? {
            kind: 'answer',
            status: 403,
            body: '{"error":{"code":"forbidden","message":"role: must be manufacturer"}}',
          }
        : undefined;
    const ran = await cli.run(`device register --file ${list} --out ${cli.inside('may')} --target faulty`);
    expect(ran.exitCode).toBe(1);
    expect(ran.out).toMatch(/not tried +\d\d: the same command again goes on/);
    expect(ran.err).toContain('role: must be manufacturer');
    expect(cli.proxy.count('POST', /devices/)).toBeLessThan(20);
  });

  test('ctrl-c ends it after what is on its way', async () => {
    const list = await cli.deviceList('stop', 200);
    const stop = new AbortController();
    cli.proxy.fault = (request) => {
      if (isRegistering(request)) stop.abort('SIGINT');
      return undefined;
    };
    const line = `device register --file ${list} --out ${cli.inside('stop')} --target faulty ${FAST} --json`;
    const ran = await cli.run(line, { untilStopped: () => stop.signal });
    expect(ran.exitCode).toBe(130);
    const { registered, notTried, failed } = JSON.parse(ran.out);
    expect([registered + notTried, failed]).toEqual([200, []]);
    expect(await readdir(cli.inside('stop'))).toHaveLength(registered + 1);
  });
});
