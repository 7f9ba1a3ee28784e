import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { TestHost } from '#host/testing/test-host.ts';
import { ALL_AT_ONCE, quickDocument } from '../../testing/documents.ts';
import { publishRelease, revokeRelease } from '../../testing/releases.ts';
import { ScriptedDevice } from '../../testing/scripted-device.ts';
import { type SmallFleet, startSmallFleet } from '../../testing/small-fleet.ts';

describe('why', () => {
  let host: TestHost;
  let devices: readonly ScriptedDevice[];
  let first: ScriptedDevice;
  let launch: SmallFleet['launch'];
  beforeEach(async () => {
    ({ host, devices, first, launch } = await startSmallFleet());
  });
  afterEach(() => host.stop());

  test('answers with the rule that decided', async () => {
    const rollout = await launch({ selector: 'tag("beta")' });
    expect(await first.check()).toBeUndefined();
    const { body } = await host.http('GET', `/devices/${first.deviceId}/why`);
    expect(body).toMatchObject({ decision: 'nothing', rollouts: [{ rollout, rule: 'not-selected' }] });
  });

  test('says of a device what is in the way while no rollout is active', async () => {
    const why = async (deviceId: string) => (await host.http('GET', `/devices/${deviceId}/why`)).body;
    expect(await why(first.deviceId)).toMatchObject({
      decision: 'nothing',
      explanation: 'no rollout of cam is active',
      rollouts: [],
    });
    const rare = new ScriptedDevice(host, 'cam-rare');
    await rare.register({ hardware: 'cam-rev-z' });
    expect(await why('cam-rare')).toMatchObject({
      decision: 'nothing',
      explanation: 'no release of cam is for cam-rev-z, they are for cam-rev-b',
    });
    await rare.register({ entityVersion: 2, decommissioned: true });
    expect(await why('cam-rare')).toMatchObject({
      decision: 'refused',
      explanation: 'the device is decommissioned',
    });
    await revokeRelease(host, '1.1.0', 2);
    expect(await why(first.deviceId)).toMatchObject({
      explanation: 'cam has no release that may be installed',
    });
    await publishRelease(host, '1.2.0', 3);
    await host.http('POST', '/rollouts', { document: quickDocument('cam/1.2.0') });
    expect(await why(first.deviceId)).toMatchObject({ explanation: 'no rollout of cam is active' });
  });

  test('says what the device could not download, until it could', async () => {
    const rollout = await launch(ALL_AT_ONCE);
    const trouble = { rollout, what: 'mismatch', times: 2 };
    await first.check();
    // As the same boot says it: nothing else of the check is new.
    expect(await first.check({ trouble })).toMatchObject({ release: 'cam/1.1.0' });
    const why = async () => (await host.http('GET', `/devices/${first.deviceId}/why`)).body;
    expect(await why()).toMatchObject({ trouble, decision: 'offer' });
    await first.check({ trouble: { ...trouble, times: 3 } });
    expect(await why()).toMatchObject({ trouble: { times: 3 } });
    await first.check();
    expect(await why()).not.toHaveProperty('trouble');
  });

  test('says of a device that is offered a release when its permit would have to wait', async () => {
    await launch({ ...ALL_AT_ONCE, pace: { firstWindow: 2 } });
    for (const device of devices) await device.check();
    const explained = async ({ deviceId }: ScriptedDevice) => {
      const { body } = await host.http('GET', `/devices/${deviceId}/why`);
      return { decision: body.decision, ...body.rollouts[0] };
    };
    const roomy = await explained(first);
    expect(roomy).toMatchObject({ decision: 'offer', explanation: 'it is offered cam/1.1.0' });
    const answers = new Map<ScriptedDevice, unknown>();
    for (const device of devices) answers.set(device, (await device.requestPermit('cam/1.1.0'))?.answer);
    const waiting = devices.filter((device) => answers.get(device) === 'wait');
    expect(waiting.length).toBeGreaterThan(0);
    for (const device of waiting) {
      expect(await explained(device)).toMatchObject({
        rule: 'offered',
        explanation: expect.stringMatching(/its permit would be told to wait: the window .* is full, 2 of 2/),
        change: expect.stringMatching(/the window widens/),
      });
    }
  });

  test('says of a version that is new in a rollout that its permit comes with a window of its own', async () => {
    await launch({ ...ALL_AT_ONCE, pace: { firstWindow: 1 }, permitFor: '1m' });
    const [odd, fresh, ...proven] = devices;
    if (odd === undefined || fresh === undefined) throw new RangeError('the fleet is too small');
    for (const device of proven.slice(0, 4)) {
      await device.check();
      expect(await device.requestPermit('cam/1.1.0')).toMatchObject({ answer: 'granted' });
      await device.install('1.1.0');
      device.boots('1.1.0');
      await device.check();
      await host.advance(20_000);
    }
    // Its permit lapses, it comes from elsewhere, and fills the window of the rest.
    const asks = async (device: ScriptedDevice, version: string) => {
      device.version = version;
      device.boots(version);
      await device.check();
      return (await device.requestPermit('cam/1.1.0'))?.answer;
    };
    expect(await asks(odd, '1.0.0')).toBe('granted');
    await host.advance(180_000);
    expect(await asks(odd, '0.9.0')).toBe('granted');
    fresh.version = '0.8.0';
    fresh.boots('0.8.0');
    await fresh.check();
    const { body } = await host.http('GET', `/devices/${fresh.deviceId}/why`);
    expect(body.rollouts[0]).toMatchObject({ explanation: 'it is offered cam/1.1.0' });
    expect(await fresh.requestPermit('cam/1.1.0')).toMatchObject({ answer: 'granted' });
  });
});
