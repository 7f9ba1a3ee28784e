import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { itemBytes } from '#shared/capabilities/limits/item-text.ts';
import { attemptKey, deviceKey } from '../stores/keys.ts';
import { ALL_AT_ONCE, quickDocument } from '../testing/documents.ts';
import { draftAndLaunch } from '../testing/draft-and-launch.ts';
import { publishRelease } from '../testing/releases.ts';
import { ScriptedDevice } from '../testing/scripted-device.ts';

describe('an attempt that ended as good', () => {
  let host: TestHost;
  let device: ScriptedDevice;

  beforeEach(async () => {
    host = await startTestHost({ services: ['rollout-orchestrator'] });
    device = new ScriptedDevice(host, 'cam-1');
    await device.register();
  });

  afterEach(() => host.stop());

  const launch = async (version: string, sequence: number): Promise<string> => {
    await publishRelease(host, version, sequence);
    const rollout = await draftAndLaunch(host, quickDocument(`cam/${version}`, ALL_AT_ONCE));
    // What checks have in hand grows old.
    await host.advance(10_000);
    return rollout;
  };
  const update = async (version: string, ask = 1): Promise<void> => {
    await device.check();
    expect(await device.askToBegin(`cam/${version}`, ask)).toMatchObject({ answer: 'granted' });
    await device.report('rebooting', version);
    device.boots(version);
    await device.prove();
  };
  const counts = async (rollout: string) => (await host.http('GET', `/rollouts/${rollout}`)).body.counts;
  const items = (...rollouts: string[]) =>
    host
      .table('rollouts')
      .get(
        [
          deviceKey('acme', device.deviceId),
          ...rollouts.map((one) => attemptKey(one, 'acme', device.deviceId)),
        ],
        { consistent: true },
      );

  test('stays with its device, and gets its row with the next permit', async () => {
    const first = await launch('1.1.0', 2);
    await update('1.1.0');
    expect(await counts(first)).toMatchObject({ good: 1, installing: 0 });
    const [held, row] = await items(first);
    expect(held).toMatchObject({ proven: { rollout: first, state: 'good' } });
    expect(row).toBeUndefined();

    const second = await launch('1.2.0', 3);
    await update('1.2.0');
    const [later, filed, none] = await items(first, second);
    expect(later).toMatchObject({ proven: { rollout: second, state: 'good' } });
    const { rollout: _, ...attempt } = (held?.proven ?? {}) as Record<string, unknown>;
    expect(filed).toMatchObject(attempt);
    expect(none).toBeUndefined();
    const why = await host.http('GET', `/devices/${device.deviceId}/why`);
    expect(why.body.attempts).toMatchObject([
      { rollout: second, state: 'good' },
      { rollout: first, state: 'good' },
    ]);
  });

  test('has a row at once where one of the same device came before it in that rollout', async () => {
    const rollout = await launch('1.1.0', 2);
    await device.check();
    await device.askToBegin('cam/1.1.0', 1);
    await device.report('failed', '1.1.0', 'battery');
    await update('1.1.0', 2);
    const [held, row] = await items(rollout);
    expect(held?.proven).toBeUndefined();
    expect(row).toMatchObject({ state: 'good', past: expect.stringContaining('a1') });
  });

  test('is forgotten by its device once its rollout is over, and found by who asks for it', async () => {
    const UPDATES = 12;
    const rollouts: string[] = [];
    const sizesBytes: number[] = [];
    for (let n = 1; n <= UPDATES; n += 1) {
      rollouts.push(await launch(`1.${n}.0`, n + 1));
      await update(`1.${n}.0`);
      const [held = {}] = await items();
      sizesBytes.push(itemBytes(held));
      await host.advance(120_000);
    }
    // A write takes one unit up to 1 KB.
    expect(Math.max(...sizesBytes)).toBeLessThan(1024);
    expect(sizesBytes.at(-1)).toBe(sizesBytes.at(-2));
    const [held] = await items();
    const [last, beforeLast] = rollouts.toReversed();
    expect(held).toMatchObject({ tried: { [String(last)]: 1 }, forgotten: beforeLast });
    const { body } = await host.http('GET', `/devices/${device.deviceId}/why`);
    expect(body.attempts.map(({ rollout }: { rollout: string }) => rollout)).toEqual(rollouts.toReversed());
    const listed = await host.http('GET', `/rollouts/${rollouts[0]}/devices?end=good`);
    expect(listed.body.devices).toMatchObject([{ deviceId: device.deviceId }]);
  });

  test('is still acknowledged when its device has forgotten it', async () => {
    const first = await launch('1.1.0', 2);
    await update('1.1.0');
    const late = device.failure('1.1.0', 'under-way-for-long');
    await host.advance(120_000);
    await launch('1.2.0', 3);
    await update('1.2.0');
    expect((await items())[0]).toMatchObject({ forgotten: first });
    await host.publishFromDevice(device.thing, 'report', late);
    await host.settle();
    const { attempt, events } = late;
    expect(host.deviceMessages(device.thing).at(-1)?.json).toMatchObject({ attempt, ackSeq: events[0]?.seq });
    expect(await counts(first)).toMatchObject({ good: 1, failed: 0 });
  });

  test('is still known when its proof, and its last report, are repeated', async () => {
    const rollout = await launch('1.1.0', 2);
    await update('1.1.0');
    await device.prove();
    await device.check();
    expect(await device.report('claimed', '1.1.0')).toMatchObject({ ackSeq: device.seq });
    expect(await counts(rollout)).toMatchObject({ good: 1 });
  });
});

describe('a check that is published where reports are', () => {
  let host: TestHost;
  beforeEach(async () => {
    host = await startTestHost({ services: ['rollout-orchestrator'] });
  });
  afterEach(() => host.stop());

  const item = async (device: ScriptedDevice) =>
    (await host.table('rollouts').get([deviceKey('acme', device.deviceId)], { consistent: true }))[0];

  test('is of no effect from a device that nobody knows', async () => {
    const stranger = new ScriptedDevice(host, 'cam-9');
    await stranger.prove();
    expect(await item(stranger)).toBeUndefined();
    expect(host.deviceMessages(stranger.thing)).toEqual([]);
  });

  test('writes nothing when it tells nothing new', async () => {
    const device = new ScriptedDevice(host, 'cam-1');
    await device.register();
    await device.prove();
    const known = await item(device);
    expect(known).toMatchObject({ running: { version: '1.0.0' } });
    await host.advance(60_000);
    await device.prove();
    expect(await item(device)).toEqual(known);
  });

  test('that says what is known already takes back what an older one says that came along with it', async () => {
    const device = new ScriptedDevice(host, 'cam-1');
    await device.register();
    const late = device.askingCheck(1);
    device.boots('1.1.0');
    await device.prove();
    await host.publishFromDevice(device.thing, 'report', late);
    await host.advance(10);
    await host.publishFromDevice(device.thing, 'report', device.askingCheck(1));
    await host.settle();
    expect(await item(device)).toMatchObject({ running: { version: '1.1.0', bootId: 'boot-cam-1-2' } });
  });
});
