import { writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestCli, type TestCli } from '../testing/test-cli.ts';

let cli: TestCli;
beforeAll(async () => {
  cli = await startTestCli();
  await cli.publishRelease();
  const list = 'id,tags\nhall-1,lab early\nhall-2,lab\nDOCK-0017,early\n';
  await writeFile(cli.inside('devices.csv'), list);
  const into = `--product cam --hardware cam-rev-b --out ${cli.inside('devices')} --per-second 1000`;
  await cli.answer(`device register --file ${cli.inside('devices.csv')} ${into}`);
  await cli.answer('device decommission hall-2');
});
afterAll(() => cli.stop());
afterEach(() => {
  cli.proxy.fault = () => undefined;
});

describe('a device is found', () => {
  const found = async (options: string) =>
    (await cli.answer(`device list ${options}`)).devices.map(
      ({ deviceId }: { deviceId: string }) => deviceId,
    );

  test.each([
    ['a part of its id, in capitals or not', '--id dock', ['DOCK-0017']],
    ['its product', '--product cam', ['DOCK-0017', 'hall-1', 'hall-2']],
    ['its product, where there is none', '--product tv', []],
    ['its hardware', '--hardware cam-rev-c', []],
    ['a tag', '--tag early', ['DOCK-0017', 'hall-1']],
    ['two tags that it has both', '--tag lab,early', ['hall-1']],
    ['what it is to its broker', '--presence never', ['DOCK-0017', 'hall-1']],
    ['being out of service', '--presence decommissioned', ['hall-2']],
    ['all of it', '--presence never --tag lab --id HALL', ['hall-1']],
    // Pages are read until there are so many that fit, and not so many at all.
    ['less than there are', '--tag early --limit 1', ['DOCK-0017']],
  ])('by %s', async (_, options, ids) => {
    expect(await found(options)).toEqual(ids);
  });

  test('or is said not to be there, in words and with its code', async () => {
    expect(await cli.run('device list --id dork')).toMatchObject({ exitCode: 0, out: 'no such device\n' });
    const unknown = await cli.run('device reports dork');
    expect(unknown).toMatchObject({ exitCode: 1, out: '' });
    expect(unknown.err).toMatch(/deviceId: must be a registered device\nFind it by a part of its id/);
    expect((await cli.run('device reports hall-1')).out).toMatch(/^no report on /);
  });

  test.each([
    ['device list --limit 1', /these are 1, and there may be more: --limit/],
    ['device list --limit 4', /^$/],
    ['release list --product cam --limit 1', /these are 1, and/],
  ])('"%s" says whether there may be more', async (line, said) => {
    expect((await cli.run(line)).err).toMatch(said);
  });
});

describe('what devices reported of a rollout', () => {
  const NOW = Date.now();
  const rollout = '01JD4Z6Q7R8S9T0V1W2X3Y4Z5D';
  const report = (device: string, ...events: readonly object[]) => ({
    thing: `acme:${device}`,
    atMs: NOW,
    report: {
      v: 1,
      rollout,
      attempt: rollout,
      hardware: 'cam-rev-b',
      target: '2.1.0',
      bootId: 'boot-12345',
      events,
    },
  });
  const begun = { seq: 1, state: 'installing', uptimeMs: 1 };
  const failed = { seq: 2, state: 'failed', uptimeMs: 2, reason: 'flash-write', detail: 'sector 7' };
  const asked: URLSearchParams[] = [];
  const pages: Record<string, object> = {
    first: { reports: [report('cam-1', begun)], cursor: 'second' },
    second: { reports: [report('cam-1', failed), report('cam-2', { ...failed, reason: 'no-space' })] },
  };
  beforeAll(async () => {
    await writeFile(
      cli.inside('rollout.yaml'),
      'release: cam/2.1.0\nselector: all\nstages:\n  - { name: all, percent: 100 }\n',
    );
    await cli.answer(`rollout create ${cli.inside('rollout.yaml')}`);
  });
  function answerReports(): void {
    asked.length = 0;
    cli.proxy.fault = ({ path: where }) => {
      if (!where.includes('/reports')) return undefined;
      const { searchParams } = new URL(where, 'https://localhost');
      asked.push(searchParams);
      const page = searchParams.get('cursor') ?? 'first';
      return { kind: 'answer', status: 200, body: JSON.stringify(pages[page]) };
    };
  }
  const devicesOf = async (options: string) => {
    answerReports();
    const { reports } = await cli.answer(
      `rollout reports last ${options} --target faulty`.replace('  ', ' '),
    );
    return reports.map(({ thing }: { thing: string }) => thing);
  };

  test('is nothing before its launch', async () => {
    answerReports();
    expect((await cli.run('rollout reports last --target faulty')).out).toMatch(/^no such report/);
    expect(asked).toEqual([]);
    await cli.answer('rollout launch last --yes');
  });

  test('is told device by device, over all pages of each day since', async () => {
    expect(await devicesOf('')).toEqual(['acme:cam-1', 'acme:cam-1', 'acme:cam-2']);
    const today = new Date().toISOString().slice(0, 10);
    expect(asked.at(-1)?.get('day')).toBe(today);
    expect(await devicesOf('--day 2026-12-01 --limit 2')).toEqual(['acme:cam-1', 'acme:cam-1']);
    expect(asked.map((query) => query.get('day'))).toEqual(['2026-12-01', '2026-12-01']);
  });

  test('is told of failures, of one reason or one device alone', async () => {
    expect(await devicesOf('--failed')).toEqual(['acme:cam-1', 'acme:cam-2']);
    expect(await devicesOf('--reason no-space')).toEqual(['acme:cam-2']);
    expect(await devicesOf('--device cam-1')).toEqual(['acme:cam-1', 'acme:cam-1']);
    answerReports();
    const { out } = await cli.run('rollout reports last --target faulty --failed');
    expect(out).toMatch(/^RECEIVED +DEVICE +HARDWARE +TARGET +SEQ +STATE +REASON +DETAIL\n/);
    expect(out).toMatch(/cam-1 +cam-rev-b +2\.1\.0 +2 +failed +flash-write +sector 7\n/);
    expect(out).not.toMatch(/installing/);
  });
});
