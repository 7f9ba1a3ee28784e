import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { DeadlineStore } from '../stores/deadline-store.ts';
import { DEADLINE_SHARDS } from '../stores/keys.ts';
import { quickDocument } from '../testing/documents.ts';
import { publishRelease } from '../testing/releases.ts';
import { ScriptedDevice } from '../testing/scripted-device.ts';

const RELEASE = 'cam/1.1.0';
const MINUTE_MS = 60_000;
/** More than one list holds. */
const DEVICES = 60;

describe('silence is found by lists of deadlines', () => {
  let host: TestHost;
  let devices: ScriptedDevice[];
  let rollout: string;

  beforeEach(async () => {
    host = await startTestHost({ services: ['rollout-orchestrator'] });
    devices = Array.from({ length: DEVICES }, (_, n) => new ScriptedDevice(host, `cam-${n}`));
    for (const device of devices) await device.register();
    await publishRelease(host, '1.1.0', 2);
    const document = quickDocument(RELEASE, {
      stages: [{ name: 'all', percent: '100%' }],
      pace: { firstWindow: 1_000, growth: 1, perMinute: 10_000 },
      halt: { silentAfter: '30m', suspectAtLeast: '10s', installWithin: '1h' },
    });
    rollout = (await host.http('POST', '/rollouts', { document })).body.rollout;
    await host.http('POST', `/rollouts/${rollout}/launch`);
    await host.advance(4_000);
    for (const device of devices) await device.check();
    await Promise.all(
      devices.map((device) =>
        host.publishFromDevice(device.thing, 'permit', { ...device.permitRequest(RELEASE), begins: 1 }),
      ),
    );
    await host.settle();
    for (const device of devices) device.takePermit();
  });

  afterEach(() => host.stop());

  const counts = async () => (await host.http('GET', `/rollouts/${rollout}`)).body.counts;

  /** Devices that some list names, how often each. */
  async function listed(): Promise<string[]> {
    const store = new DeadlineStore(host.table('rollouts'));
    const pages = Array.from({ length: DEADLINE_SHARDS }, (_, shard) =>
      store.due(rollout, shard, Number.MAX_SAFE_INTEGER, { limit: 1_000 }),
    );
    const lists = (await Promise.all(pages)).flatMap((page) => page.lists);
    return lists.flatMap((list) => list.devices);
  }

  const areLeft = () => new DeadlineStore(host.table('rollouts')).areLeft(rollout);

  test('each open attempt is in one, and a few lists hold them all', async () => {
    expect((await listed()).sort()).toEqual(devices.map(({ deviceId }) => deviceId).sort());
    expect(await areLeft()).toBe(true);
  });

  test('all who vanish are found at their deadline and not before, and no list is left', async () => {
    await host.advance(69 * MINUTE_MS);
    expect(await counts()).toMatchObject({ installing: DEVICES, lost: 0 });
    await host.advance(3 * MINUTE_MS);
    expect(await counts()).toMatchObject({ installing: 0, lost: DEVICES });
    expect(await listed()).toEqual([]);
    expect(await areLeft()).toBe(false);
  });

  test('a deadline that comes sooner is listed with the move that brings it', async () => {
    const [one] = devices as [ScriptedDevice];
    await one.report('rebooting', '1.1.0');
    await host.advance(32 * MINUTE_MS);
    expect(await counts()).toMatchObject({ silent: 1, lost: 0 });
  });

  test('who is looked at before its time is listed anew, and found when it has come', async () => {
    const [one] = devices as [ScriptedDevice];
    await host.publishFromDevice(one.thing, 'report', {
      v: 1,
      rollout,
      attempt: one.attempt,
      hardware: 'cam-rev-b',
      target: '1.1.0',
      bootId: 'boot-cam-0-1',
      events: [{ seq: 1, state: 'rebooting', uptimeMs: 1 }],
      backWithin: 2 * 3_600,
    });
    await host.advance(75 * MINUTE_MS);
    expect(await counts()).toMatchObject({ installing: 1, silent: 0, lost: DEVICES - 1 });
    expect(await listed()).toEqual([one.deviceId]);
    await host.advance(50 * MINUTE_MS);
    expect(await counts()).toMatchObject({ installing: 0, silent: 1 });
    expect(await listed()).toEqual([]);
  });
});
