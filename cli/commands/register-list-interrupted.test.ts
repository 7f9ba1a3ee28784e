import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { realWorld } from '#shared/world/real-world.ts';
import { startTestCli, type TestCli } from '../testing/test-cli.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const FAST = '--per-second 1000';

let cli: TestCli;
beforeAll(async () => {
  cli = await startTestCli();
  await cli.answer('product create cam --hardware cam-rev-b');
});
afterAll(() => cli.stop());
afterEach(() => {
  cli.proxy.fault = () => undefined;
  cli.proxy.seen.length = 0;
});

describe('registering a list of devices where a run before it was cut off', () => {
  test('by one ctrl-c that a launcher passed on, too, ends in order and keeps what was not tried', async () => {
    const list = await cli.deviceList('stop', 60);
    const left = cli.inside('stop-left.csv');
    const line = `device register --file ${list} --out ${cli.inside('stop')} --failed ${left} --target faulty ${FAST}`;
    const child = spawn(process.execPath, [path.join(ROOT, 'cli/main.ts'), ...line.split(' ')], {
      env: { ...process.env, EVENKEEL_CONFIG: cli.inside('targets.json') },
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    let firstMs: number | undefined;
    // None so late that it is a second wish.
    const tell = () => {
      firstMs ??= performance.now();
      if (performance.now() < firstMs + 100) child.kill('SIGINT');
    };
    cli.proxy.fault = () => {
      if (cli.proxy.count('POST', /devices/) !== 10) return undefined;
      tell();
      // What is on its way is still waited for when the others come.
      for (const delayMs of [2, 4, 8]) realWorld.after(delayMs, tell);
      return undefined;
    };
    expect(await ended).toEqual([130, null]);
    expect((await readFile(left, 'utf8')).split('\n').length).toBeGreaterThan(10);
  });

  test('killed in the middle leaves whole folders, goes on when run again, and names what was lost', async () => {
    const list = await cli.deviceList('kill', 60);
    const out = cli.inside('kill');
    const words = [
      'device',
      'register',
      '--file',
      list,
      '--out',
      out,
      '--target',
      'faulty',
      '--per-second',
      '1000',
    ];
    const child = spawn(process.execPath, [path.join(ROOT, 'cli/main.ts'), ...words], {
      env: { ...process.env, EVENKEEL_CONFIG: cli.inside('targets.json') },
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    cli.proxy.fault = () => {
      // The host serves this one and those that are on their way, and nobody hears its answer.
      if (cli.proxy.count('POST', /devices/) === 30) child.kill('SIGKILL');
      return undefined;
    };
    expect(await ended).toEqual([null, 'SIGKILL']);
    cli.proxy.fault = () => undefined;
    const left = (await readdir(out)).filter((name) => !name.startsWith('.'));
    expect(left.length).toBeGreaterThan(10);
    expect(left.length).toBeLessThan(30);
    for (const id of left) expect(await readdir(path.join(out, id))).toHaveLength(4);

    const line = `device register --file ${list} --out ${out} ${FAST} --json`;
    const { registered, already, failed } = JSON.parse((await cli.run(line)).out);
    expect(registered + already + failed.length).toBe(60);
    expect(already).toBeGreaterThanOrEqual(left.length);
    // At least the one that was on its way; at most one for each connection.
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.length).toBeLessThanOrEqual(8);
    for (const { message } of failed) expect(message).toMatch(/its certificate is not in .* never connected/);

    const lost = await cli.file(
      'lost-ids',
      failed.map(({ deviceId }: { deviceId: string }) => `${deviceId}\n`).join(''),
    );
    await cli.answer(`device decommission --file ${lost} --yes ${FAST}`);
    expect(await cli.answer(`device register --file ${list} --out ${out} ${FAST}`)).toMatchObject({
      registered: failed.length,
      already: registered + already,
    });
    expect(await readdir(out)).toHaveLength(61);
  });

  test("two runs at once do not take each other's folders away: one is refused", async () => {
    const list = await cli.deviceList('two', 20);
    const line = `device register --file ${list} --out ${cli.inside('two')} ${FAST}`;
    const both = await Promise.all([cli.run(line), cli.run(line)]);
    expect(both.map(({ exitCode }) => exitCode).toSorted()).toEqual([0, 2]);
    expect(both.map(({ err }) => err).join('')).toMatch(
      /cannot write to .*two: another run is at work there/,
    );
    expect(await cli.answer(line)).toMatchObject({ already: 20 });
  });

  test('what was whole when a run was killed comes to its place without being registered anew', async () => {
    const list = await cli.deviceList('whole', 2);
    const out = cli.inside('whole');
    const line = `device register --file ${list} --out ${out} ${FAST}`;
    await cli.answer(line);
    await rename(path.join(out, 'whole-1'), path.join(out, '.whole-1.partial'));
    expect(await cli.answer(line)).toMatchObject({ registered: 0, already: 2 });
    expect(await readdir(out)).toEqual(['.lock', 'whole-1', 'whole-2']);
  });

  test('what was torn in the middle of its last file is not taken for whole', async () => {
    const list = await cli.deviceList('torn', 2);
    const out = cli.inside('torn');
    const line = `device register --file ${list} --out ${out} ${FAST}`;
    await cli.answer(line);
    const partial = path.join(out, '.torn-1.partial');
    await rename(path.join(out, 'torn-1'), partial);
    await writeFile(path.join(partial, 'device.json'), '');
    const ran = await cli.run(line);
    expect(ran.exitCode).toBe(1);
    expect(ran.out).toMatch(/torn-1: is registered since .* its certificate is not in .* never connected/);
    expect(await readdir(out)).toEqual(['.lock', 'torn-2']);
    await cli.answer('device decommission torn-1');
    expect(await cli.answer(line)).toMatchObject({ registered: 1, already: 1 });
  });

  test('a folder that does not fit the backend is told, and not touched', async () => {
    const list = await cli.deviceList('odd', 4);
    const out = cli.inside('odd');
    const line = `device register --file ${list} --out ${out} ${FAST}`;
    await cli.answer(line);
    await cli.answer('device decommission odd-1');
    await rm(path.join(out, 'odd-2/certificate.pem'));
    await writeFile(path.join(out, 'odd-3/key.pem'), await readFile(path.join(out, 'odd-4/key.pem')));
    await writeFile(path.join(out, 'odd-4/key.pem'), 'torn');
    const ran = await cli.run(line);
    expect(ran.exitCode).toBe(1);
    expect(ran.out).toMatch(/odd-4: .* does not hold a whole device\n/);
    expect(ran.out).toMatch(/odd-1: is decommissioned\n/);
    expect(ran.out).toMatch(/odd-2: .* does not hold a whole device\n/);
    expect(ran.out).toMatch(/odd-3: key and certificate in .* do not belong together\n/);
    expect(await readdir(path.join(out, 'odd-2'))).toEqual(['authority.pem', 'device.json', 'key.pem']);
  });
});
