import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { realWorld } from '#shared/world/real-world.ts';
import type { World } from '#shared/world/world.ts';
import type { Fault } from '../testing/faulty-proxy.ts';
import { screenAfter } from '../testing/screen.ts';
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

const STARTING: Fault = {
  kind: 'answer',
  status: 503,
  body: '{"error":{"code":"starting","message":"try again"}}',
};

describe('a rollout', () => {
  test.each([
    ['completed', 0],
    ['halted', 4],
    ['aborted', 4],
  ])(
    'that is watched until it is %s ends with exit code %d, a line for every change',
    async (state, exitCode) => {
      let looks = 0;
      const change = (body: string) => body.replace('"state":"running"', `"state":"${state}"`);
      cli.proxy.fault = ({ path: asked }) =>
        /\/rollouts\/\w+$/.test(asked) && ++looks > 2 ? { kind: 'change-answer', change } : undefined;
      const ran = await cli.run('rollout watch last --target faulty');
      expect(ran.exitCode).toBe(exitCode);
      expect(ran.err).toMatch(state === 'halted' ? /^next: evenkeel rollout show \w{26}\n$/ : /^$/);
      const lines = ran.out.trimEnd().split('\n');
      expect(lines.at(0)).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ running: stage all, 0 of \d+ exposed/);
      expect(lines.at(-1)).toContain(` ${state}: `);
      // The same view again is no change.
      expect(lines).toHaveLength(2);
    },
  );

  test('that is watched as JSON is a document a line, through an outage of the backend', async () => {
    let looks = 0;
    const change = (body: string) => body.replace('"state":"running"', '"state":"completed"');
    cli.proxy.fault = ({ path: asked }) => {
      if (!/\/rollouts\/\w+$/.test(asked)) return undefined;
      looks++;
      if (looks >= 3 && looks < 11) return looks < 6 ? { kind: 'lose-request' } : STARTING;
      return looks >= 11 ? { kind: 'change-answer', change } : undefined;
    };
    const ran = await cli.run('rollout watch last --target faulty --json');
    expect(ran).toMatchObject({ exitCode: 0, err: '' });
    const views = ran.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).state);
    expect(views).toEqual(['running', 'completed']);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('that is watched on a terminal is redrawn, until %s ends it with %d', async (signal, ends) => {
    const stop = new AbortController();
    let out = '';
    const { exitCode } = await cli.run('rollout watch last', {
      outIsTerminal: true,
      out: (text) => {
        out += text;
        stop.abort(signal);
      },
      untilStopped: () => stop.signal,
    });
    expect(exitCode).toBe(ends);
    expect(screenAfter(out).join('\n')).toMatch(/state +running[\s\S]*> all/);
  });

  test('that goes on when the time is over ends with a code of its own, and says how to go on', async () => {
    const ran = await cli.run('rollout watch last --timeout 1');
    expect(ran.exitCode).toBe(5);
    expect(ran.err).toMatch(/^it is running still; go on with evenkeel rollout watch \w{26}\n$/);
  });

  test.each([
    ['stalled', '"state":"running","stalled":true', 'running, stalled'],
    ['paused', '"state":"paused"', 'paused'],
  ])(
    'that is %s ends a watch which waits for no person with 6, and what to do next',
    async (_, field, told) => {
      let looks = 0;
      const change = (body: string) => body.replace('"state":"running"', field);
      cli.proxy.fault = ({ path: asked }) =>
        /\/rollouts\/\w+$/.test(asked) && ++looks > 1 ? { kind: 'change-answer', change } : undefined;
      const ran = await cli.run('rollout watch last --target faulty --exit-when-stalled');
      expect(ran.exitCode).toBe(6);
      expect(ran.err).toMatch(
        new RegExp(`^it is ${told} still; go on with evenkeel rollout watch \\w{26}\nnext:\n  .* evenkeel `),
      );
      looks = 0;
      const json = await cli.run('rollout watch last --target faulty --exit-when-stalled --json');
      expect(json).toMatchObject({ exitCode: 6, err: '' });
      // What it ended with is the last document.
      expect(JSON.parse(json.out.trimEnd().split('\n').at(-1) ?? '')).toMatchObject(JSON.parse(`{${field}}`));
    },
  );

  test('that stands still is waited for unless told otherwise, and said to stand still when the time is over', async () => {
    let looks = 0;
    let endTime = (): void => undefined;
    // The time is over once it was looked at again, however slow the machine is.
    const world: World = {
      ...realWorld,
      after(delayMs, run) {
        if (delayMs !== 7_000) return realWorld.after(delayMs, run);
        endTime = run;
        return () => undefined;
      },
    };
    const change = (body: string) => body.replace('"state":"running"', `"state":"paused"`);
    cli.proxy.fault = ({ path: asked }) => {
      if (!/\/rollouts\/\w+$/.test(asked)) return undefined;
      if (++looks === 2) endTime();
      return { kind: 'change-answer', change };
    };
    const ran = await cli.run('rollout watch last --target faulty --timeout 7', { world });
    expect(ran.exitCode).toBe(6);
    expect(looks).toBe(2);
  });

  test('that is watched through an outage tells of it once', async () => {
    let looks = 0;
    const change = (body: string) => body.replace('"state":"running"', '"state":"completed"');
    cli.proxy.fault = ({ path: asked }) => {
      if (!/\/rollouts\/\w+$/.test(asked) || ++looks === 1) return undefined;
      return looks < 5 ? STARTING : { kind: 'change-answer', change };
    };
    const ran = await cli.run('rollout watch last --target faulty');
    expect(ran).toMatchObject({ exitCode: 0, err: 'try again; trying again\nthe backend answers again\n' });
  });
});
