import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Fault } from '../testing/faulty-proxy.ts';
import { startTestCli, type TestCli } from '../testing/test-cli.ts';

let cli: TestCli;
beforeAll(async () => {
  cli = await startTestCli();
  await cli.launchRollout();
});
afterAll(() => cli.stop());
afterEach(() => {
  cli.proxy.fault = () => undefined;
});

test('a rollout shows failures that devices reported together with those that only their silence told', async () => {
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

describe('devices of a rollout', () => {
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
