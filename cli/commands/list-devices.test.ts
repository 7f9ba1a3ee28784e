import { writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestCli, type TestCli } from '../testing/test-cli.ts';

let cli: TestCli;
beforeAll(async () => {
  cli = await startTestCli();
  await cli.publishRelease();
  await writeFile(
    cli.inside('devices.csv'),
    'id,tags\nhall-1,lab early\nhall-2,lab\nhall-3,early\nhall-4,\n',
  );
  const into = `--product cam --hardware cam-rev-b --out ${cli.inside('devices')} --per-second 1000`;
  await cli.answer(`device register --file ${cli.inside('devices.csv')} ${into}`);
  await cli.answer('device decommission hall-4');
  // What the registry was told comes over the bus.
  while ((await cli.answer('device versions')).versions[0]?.devices !== 3);
});
afterAll(() => cli.stop());
afterEach(() => {
  cli.proxy.fault = () => undefined;
});

describe('devices by what they run', () => {
  test.each([
    ['--where version+unknown', ['hall-1', 'hall-2', 'hall-3']],
    ['--where version+unknown --tag lab,early', ['hall-1']],
    // Brackets: a tag holds for both sides of an `or`.
    ['--where device="hall-2"+or+device="hall-3" --tag early', ['hall-3']],
    ['--where all --product cam --hardware cam-rev-b', ['hall-1', 'hall-2', 'hall-3']],
    ['--where all --product tv', []],
    ['--version 1.0.0', []],
    ['--in-trouble', []],
  ])('are listed with %s', async (options, ids) => {
    const { devices } = await cli.answer(`device list ${options}`);
    expect(devices.map(({ deviceId }: { deviceId: string }) => deviceId).sort()).toEqual(ids);
  });

  test('are counted, and the word for those that never checked in is another than a version', async () => {
    const { out, err } = await cli.run('device versions --tag early');
    expect(out).toMatch(/^PRODUCT +HARDWARE +RUNS +DEVICES\ncam +cam-rev-b +never checked in +2\n$/);
    expect(err).toBe('4 devices looked at\n');
    expect(await cli.answer('device versions --tag early')).toEqual({
      versions: [{ product: 'cam', hardware: 'cam-rev-b', devices: 2 }],
      unreadable: [],
      looked: 4,
    });
    expect((await cli.run('device versions --product tv')).out).toBe('no such device\n');
  });

  test('are asked for page by page, and summed over all pages', async () => {
    const running = { version: '1.0.0', seenAtMs: Date.now() - 90_000 };
    const device = { deviceId: 'cam-1', product: 'cam', hardware: 'cam-rev-b', tags: ['lab'], running };
    const trouble = { rollout: '01JD4Z6Q7R8S9T0V1W2X3Y4Z5D', what: 'mismatch', times: 3 };
    const count = (version: string, devices: number) => ({
      product: 'cam',
      hardware: 'cam-rev-b',
      version,
      devices,
    });
    const pages: Record<string, object> = {
      first: {
        devices: [{ ...device, quarantined: false }],
        versions: [count('1.0.0', 1), count('1.1.0', 900)],
        unreadable: [],
        looked: 1_000,
        cursor: 'second',
      },
      second: {
        devices: [{ ...device, deviceId: 'cam-2', trouble, quarantined: true }],
        versions: [count('1.0.0', 1), count('1.1.0', 500)],
        unreadable: [{ deviceId: 'cam-3', what: 'floor' }],
        looked: 700,
      },
    };
    const asked: URLSearchParams[] = [];
    cli.proxy.fault = ({ path }) => {
      if (!path.startsWith('/fleet')) return undefined;
      const { searchParams } = new URL(path, 'https://localhost');
      asked.push(searchParams);
      const body = JSON.stringify(pages[searchParams.get('cursor') ?? 'first']);
      return { kind: 'answer', status: 200, body };
    };
    const counted = await cli.run('device versions --target faulty');
    expect(counted.out).toMatch(/cam-rev-b +1\.1\.0 +1,400\ncam +cam-rev-b +1\.0\.0 +2\n\nUNREADABLE/);
    expect(counted.err).toBe('1700 devices looked at\n');
    expect(asked.map((query) => query.get('limit'))).toEqual(['0', '0']);
    const listed = await cli.run('device list --version 1.0.0 --in-trouble --target faulty');
    expect(listed.out).toMatch(/^DEVICE +PRODUCT +HARDWARE +RUNS +LAST NEWS +TROUBLE +TAGS\ncam-1 /);
    expect(listed.out).toMatch(/cam-2 .* 1\.0\.0 +1m 30s ago +in quarantine; mismatch, 3 times +lab\n/);
    expect(listed.out).toMatch(/UNREADABLE +WHAT\ncam-3 +floor\n$/);
    expect(Object.fromEntries(asked.at(-1) ?? [])).toEqual({
      limit: '49',
      cursor: 'second',
      where: 'version = "1.0.0"',
      inTrouble: 'true',
    });
  });

  test('are not asked for by what only the registry knows', async () => {
    const ran = await cli.run('device list --version 1.0.0 --presence connected');
    expect(ran).toMatchObject({ exitCode: 2, out: '' });
    expect(ran.err).toContain('--id, --presence and --unseen-days');
  });

  test('are refused by the position in the selector', async () => {
    const ran = await cli.run('device list --where version<1');
    expect(ran).toMatchObject({ exitCode: 1, out: '' });
    expect(ran.err).toContain('where: at 9: expected a SemVer version');
  });
});
