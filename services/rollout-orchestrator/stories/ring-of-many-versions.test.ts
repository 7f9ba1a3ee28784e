import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { quickDocument } from '../testing/documents.ts';
import { draftAndLaunch } from '../testing/draft-and-launch.ts';
import { publishRelease } from '../testing/releases.ts';
import { ScriptedDevice } from '../testing/scripted-device.ts';

const RELEASE = 'cam/1.1.0';
const RING = 6;

let host: TestHost;
let ring: readonly ScriptedDevice[];
let rollout: string;
beforeEach(async () => {
  host = await startTestHost({ services: ['rollout-orchestrator'] });
  await publishRelease(host, '1.1.0', 2);
  ring = Array.from({ length: RING }, (_, at) => new ScriptedDevice(host, `ring-${at}`, `0.9.${at}`));
  for (const device of ring) await device.register({ tags: ['ring'] });
  rollout = await draftAndLaunch(
    host,
    quickDocument(RELEASE, {
      stages: [
        { name: 'ring', tag: 'ring' },
        { name: 'all', percent: 100 },
      ],
    }),
  );
  await host.settle();
  for (const device of ring) {
    await device.check();
    expect(await device.requestPermit(RELEASE)).toMatchObject({ answer: 'granted' });
  }
});
afterEach(() => host.stop());

const fail = (count: number) =>
  Promise.all(ring.slice(0, count).map((device) => device.report('failed', '1.1.0', 'flash-write')));
const show = async () => (await host.http('GET', `/rollouts/${rollout}`)).body;

test('a release that fails on a ring is halted, though each of its devices came from another version', async () => {
  await fail(3);
  await host.advance(1_000);
  expect(await show()).toMatchObject({
    state: 'halted',
    reason: expect.stringContaining('all cohorts by tag together: 3 of 6 bad'),
  });
});

test('one device that fails on a ring halts nothing', async () => {
  await fail(1);
  await host.advance(1_000);
  expect(await show()).toMatchObject({ state: 'running', counts: { failed: 1 } });
});
