import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { ALL_AT_ONCE, quickDocument } from '../testing/documents.ts';
import { draftAndLaunch } from '../testing/draft-and-launch.ts';
import { publishRelease } from '../testing/releases.ts';
import { ScriptedDevice } from '../testing/scripted-device.ts';

const HALT = { suspectAtLeast: '30s', silentAfter: '2m', installWithin: '10m' };

describe('checks that are taken, and that nobody comes to look at', () => {
  let host: TestHost;
  let devices: ScriptedDevice[];
  beforeEach(async () => {
    host = await startTestHost({ services: ['rollout-orchestrator'], aliveEverySeconds: 10 });
    devices = Array.from({ length: 4 }, (_, n) => new ScriptedDevice(host, `cam-${n}`));
    for (const device of devices) await device.register();
    await publishRelease(host, '1.1.0', 2);
  });
  afterEach(() => host.stop());

  const launch = () =>
    draftAndLaunch(
      host,
      quickDocument('cam/1.1.0', { ...ALL_AT_ONCE, halt: HALT, pace: { firstWindow: 4 } }),
    );
  const show = async (rollout: string) => (await host.http('GET', `/rollouts/${rollout}`)).body;
  /** As slow as on a machine that has too much else to do: each check runs into its time-out. */
  const fallBehind = () => {
    const table = host.table('rollouts');
    const { get } = table;
    table.get = async (keys, options) => {
      if (options?.consistent !== true && keys[0]?.pk.startsWith('D#')) await new Promise(() => undefined);
      return get.call(table, keys, options);
    };
    return () => {
      table.get = get;
    };
  };
  const checkFor = async (minutes: number) => {
    for (let times = 0; times < 3 * minutes; times++) {
      for (const device of devices) await device.check();
      await host.advance(20_000);
    }
  };

  test('make nobody silent: their devices have spoken, and their proofs count as soon as somebody does', async () => {
    const rollout = await launch();
    for (const device of devices) {
      await device.check();
      await device.requestPermit('cam/1.1.0');
      await device.install('1.1.0');
      device.boots('1.1.0');
    }
    const catchUp = fallBehind();
    await checkFor(4);
    expect(await show(rollout)).toMatchObject({ state: 'running', counts: { good: 0, silent: 0 } });
    catchUp();
    await checkFor(1);
    expect((await show(rollout)).counts).toMatchObject({ good: 4, silent: 0 });
  });

  test('hold silence up for no longer than they are lost: who is not heard afterwards is silent', async () => {
    const rollout = await launch();
    const [first, ...others] = devices;
    await first?.check();
    await first?.requestPermit('cam/1.1.0');
    await first?.install('1.1.0');
    devices = others;
    const catchUp = fallBehind();
    await checkFor(3);
    catchUp();
    await checkFor(4);
    expect((await show(rollout)).counts).toMatchObject({ silent: 1 });
  });
});
