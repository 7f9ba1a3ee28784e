import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { quickDocument } from '../testing/documents.ts';
import { publishRelease } from '../testing/releases.ts';
import { ScriptedDevice } from '../testing/scripted-device.ts';

describe.each([{ strict: false }, { strict: true }])(
  'a rollout on a home with $strict strictness',
  ({ strict }) => {
    let host: TestHost;
    let devices: ScriptedDevice[];

    beforeEach(async () => {
      host = await startTestHost({ services: ['rollout-orchestrator'], strict });
      devices = Array.from(
        { length: 40 },
        (_, n) => new ScriptedDevice(host, `cam-${String(n).padStart(4, '0')}`),
      );
      for (const device of devices) await device.register();
      await publishRelease(host, '1.1.0', 2);
    });

    afterEach(async () => {
      await host.stop();
    });

    async function launch(document: Record<string, unknown>): Promise<string> {
      const created = await host.http('POST', '/rollouts', { document });
      expect(created).toMatchObject({ status: 201, body: { state: 'draft' } });
      const { rollout } = created.body;
      const launched = await host.http('POST', `/rollouts/${rollout}/launch`);
      expect(launched).toMatchObject({ status: 200, body: { state: 'running' } });
      await host.settle();
      return rollout;
    }

    const show = async (rollout: string) => (await host.http('GET', `/rollouts/${rollout}`)).body;

    test('devices are offered, permitted, proven, and the next stages open until all run it', async () => {
      const rollout = await launch(quickDocument('cam/1.1.0'));
      expect((await show(rollout)).members).toBe(40);
      for (let round = 0; round < 60 && (await show(rollout)).counts.good < 40; round += 1) {
        for (const device of devices.filter(({ version }) => version === '1.0.0')) {
          const offer = await device.check();
          if (offer?.artifact === undefined) continue;
          const permit = await device.requestPermit('cam/1.1.0');
          if (permit?.answer !== 'granted') continue;
          if (await device.install('1.1.0')) device.boots('1.1.0');
        }
        for (const device of devices.filter(({ version }) => version === '1.1.0')) await device.check();
        await host.advance(11_000);
      }
      await host.advance(12_000_000);
      const view = await show(rollout);
      expect(view.counts).toMatchObject({ good: 40, failed: 0, silent: 0, lost: 0, granted: 0 });
      expect(view.state).toBe('completed');
      expect(await host.deadLetters()).toEqual([]);
    });

    test('a release that bricks is halted within the first window', async () => {
      const rollout = await launch(
        quickDocument('cam/1.1.0', {
          stages: [{ name: 'all', percent: '100%' }],
          halt: { silentAfter: '5m', suspectAtLeast: '10s' },
        }),
      );
      // What checks have in hand of a rollout may be three seconds old.
      await host.advance(4_000);
      for (const device of devices) await device.check();
      for (const device of devices) await device.requestPermit('cam/1.1.0', false);
      await host.settle();
      const granted = devices.filter((device) => device.takePermit()?.answer === 'granted');
      expect(granted).toHaveLength(10);
      for (const device of granted) await device.install('1.1.0');
      await host.advance(8_000_000);
      const view = await show(rollout);
      expect(view.state).toBe('halted');
      expect(view.counts.silent).toBe(10);
      expect(view.reason).toContain('of 10 bad (failed, reverted or silent)');
      const late = devices.find((device) => !granted.includes(device)) as ScriptedDevice;
      late.rollout = rollout;
      expect(await late.requestPermit('cam/1.1.0')).toMatchObject({ answer: 'withdrawn' });
    });
  },
);
