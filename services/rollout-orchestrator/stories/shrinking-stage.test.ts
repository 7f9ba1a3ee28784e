import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { quickDocument } from '../testing/documents.ts';
import { draftAndLaunch } from '../testing/draft-and-launch.ts';
import { publishRelease } from '../testing/releases.ts';
import { ScriptedDevice } from '../testing/scripted-device.ts';

const MINUTE_MS = 60_000;
const RELEASE = 'cam/1.1.0';

let host: TestHost;
beforeEach(async () => {
  host = await startTestHost({ services: ['rollout-orchestrator'] });
  await publishRelease(host, '1.1.0', 2);
});
afterEach(() => host.stop());

/** Nothing is overdue for half an hour: what a gate waits for are devices that have confirmed. */
const launch = (stages: readonly Record<string, unknown>[]) =>
  draftAndLaunch(
    host,
    quickDocument(RELEASE, { stages, halt: { suspectAtLeast: '30m', silentAfter: '1h' } }),
  );
const stagesOf = async (rollout: string) => (await host.http('GET', `/rollouts/${rollout}`)).body.stages;

async function devicesOf(ids: readonly string[], tags: readonly string[] = []): Promise<ScriptedDevice[]> {
  const devices = ids.map((deviceId) => new ScriptedDevice(host, deviceId));
  for (const device of devices) await device.register({ tags: [...tags] });
  return devices;
}

async function begin(device: ScriptedDevice): Promise<void> {
  await device.check();
  expect(await device.requestPermit(RELEASE)).toMatchObject({ answer: 'granted' });
  await device.install('1.1.0');
}

async function update(device: ScriptedDevice): Promise<void> {
  await begin(device);
  device.boots('1.1.0');
  await device.check();
}

test('a stage by tag needs half of those whom it has exposed, also when they have lost the tag since', async () => {
  const [few, ...lab] = await devicesOf(['few', 'lab-1', 'lab-2', 'lab-3', 'lab-4'], ['lab']);
  const rollout = await launch([
    { name: 'few', count: 1, gate: { minConfirmed: 1 } },
    { name: 'lab', tag: 'lab', gate: { bake: '1s' } },
    { name: 'all', percent: 100 },
  ]);
  if (few !== undefined) await update(few);
  await host.advance(3 * MINUTE_MS);
  for (const device of lab) await begin(device);
  for (const device of lab) await device.register({ entityVersion: 2, tags: [] });
  await host.advance(3 * MINUTE_MS);
  expect(await stagesOf(rollout)).toMatchObject([
    { state: 'passed' },
    { state: 'open', gate: '0 of 2 confirmed in stage lab' },
    { state: 'waiting' },
  ]);
  for (const device of lab.slice(0, 2)) {
    device.boots('1.1.0');
    await device.check();
  }
  await host.advance(MINUTE_MS);
  expect(await stagesOf(rollout)).toMatchObject([{}, { state: 'passed' }, { state: 'open' }]);
});

test('a share needs half of those whom it has exposed, also when the fleet has become smaller since', async () => {
  const ids = Array.from({ length: 20 }, (_, n) => `cam-${n}`);
  const devices = await devicesOf(ids);
  const rollout = await launch([
    { name: 'few', count: 4, gate: { minConfirmed: 4 } },
    { name: 'half', percent: 50, gate: { bake: '1s' } },
    { name: 'all', percent: 100 },
  ]);
  for (const device of devices.slice(0, 4)) await update(device);
  await host.advance(3 * MINUTE_MS);
  for (const device of devices.slice(4, 10)) await begin(device);
  for (const device of devices.slice(10)) await device.register({ entityVersion: 2, decommissioned: true });
  await host.advance(3 * MINUTE_MS);
  expect(await stagesOf(rollout)).toMatchObject([
    { state: 'passed' },
    { state: 'open', ceiling: 5, gate: '0 of 3 confirmed in stage half' },
    { state: 'waiting' },
  ]);
});
