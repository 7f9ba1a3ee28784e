import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { ALL_AT_ONCE, quickDocument } from '../testing/documents.ts';
import { draftAndLaunch } from '../testing/draft-and-launch.ts';
import { publishRelease, revokeRelease } from '../testing/releases.ts';
import { ScriptedDevice } from '../testing/scripted-device.ts';

let host: TestHost;
beforeEach(async () => {
  host = await startTestHost({ services: ['rollout-orchestrator'] });
});
afterEach(() => host.stop());

async function device(deviceId: string, version: string): Promise<ScriptedDevice> {
  const one = new ScriptedDevice(host, deviceId, version);
  await one.register();
  await one.check();
  return one;
}
const launch = (release: string) => draftAndLaunch(host, quickDocument(release, ALL_AT_ONCE));
const ruleOf = async (deviceId: string) => {
  const { body } = await host.http('GET', `/devices/${deviceId}/why`);
  return body.rollouts[0];
};

test('a lower version with a higher sequence reaches a device that left the factory with the bad release', async () => {
  await publishRelease(host, '1.1.0', 2);
  const cam = await device('cam-1', '1.1.0');
  await revokeRelease(host, '1.1.0', 2);
  await publishRelease(host, '1.0.1', 3);
  const rollout = await launch('cam/1.0.1');
  expect(await cam.check()).toMatchObject({ rollout, release: 'cam/1.0.1' });
  expect(await cam.requestPermit('cam/1.0.1')).toMatchObject({ answer: 'granted' });
});

test('a higher version with a lower sequence is kept from a device that left the factory with a later release', async () => {
  await publishRelease(host, '2.0.0', 2);
  await publishRelease(host, '1.1.1', 3);
  const cam = await device('cam-1', '1.1.1');
  await launch('cam/2.0.0');
  expect(await cam.check()).toBeUndefined();
  expect(await ruleOf('cam-1')).toMatchObject({
    rule: 'not-newer',
    explanation: 'it runs 1.1.1 with sequence 3, and 2.0.0 has sequence 2',
  });
});

test('who runs a higher version that is no release is counted apart, and why says what to do; once it is one, it is reached', async () => {
  await publishRelease(host, '1.1.0', 2);
  await publishRelease(host, '1.0.1', 3);
  await device('cam-1', '1.1.0');
  const cam = await device('cam-2', '9.0.0');
  const document = quickDocument('cam/1.0.1', ALL_AT_ONCE);
  const { body: draft } = await host.http('POST', '/rollouts', { document });
  await host.settle();
  const { preview } = (await host.http('GET', `/rollouts/${draft.rollout}`)).body;
  expect(preview.count).toMatchObject({
    served: 1,
    notServed: [{ rule: 'not-above-version', devices: 1 }],
  });
  await host.http('POST', `/rollouts/${draft.rollout}/launch`);
  await host.settle();
  expect(await ruleOf('cam-2')).toMatchObject({
    rule: 'not-above-version',
    explanation: 'it runs 9.0.0, which is no release of cam, and 1.0.1 is not above it',
    change: expect.stringMatching(/^roll out a version above 9\.0\.0; or publish what it runs as a release/),
  });
  expect(await cam.check()).toBeUndefined();
  await publishRelease(host, '9.0.0', 4);
  await publishRelease(host, '1.0.2', 5);
  const rollout = await launch('cam/1.0.2');
  await host.advance(5_000);
  expect(await cam.check()).toMatchObject({ rollout, release: 'cam/1.0.2' });
});
