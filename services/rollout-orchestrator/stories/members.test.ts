import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { fleetKey } from '../stores/keys.ts';
import { quickDocument } from '../testing/documents.ts';
import { draftAndLaunch } from '../testing/draft-and-launch.ts';
import { publishRelease } from '../testing/releases.ts';
import { ScriptedDevice } from '../testing/scripted-device.ts';

const MINUTE_MS = 60_000;

let host: TestHost;
beforeEach(async () => {
  host = await startTestHost({ services: ['rollout-orchestrator'] });
  await publishRelease(host, '1.1.0', 2);
});
afterEach(async () => {
  await host.stop();
});

const launch = (overrides: Record<string, unknown> = {}) =>
  draftAndLaunch(host, quickDocument('cam/1.1.0', overrides));
const show = async (rollout: string) => (await host.http('GET', `/rollouts/${rollout}`)).body;
const register = async (deviceId: string, more: Parameters<ScriptedDevice['register']>[0] = {}) =>
  await new ScriptedDevice(host, deviceId).register(more);

test('devices that are registered after the launch are members within minutes, and those that leave are none', async () => {
  const rollout = await launch();
  expect((await show(rollout)).members).toBe(0);
  for (const deviceId of ['cam-1', 'cam-2', 'cam-3']) await register(deviceId);
  await host.advance(2 * MINUTE_MS);
  expect((await show(rollout)).members).toBe(3);
  await register('cam-2', { entityVersion: 2, decommissioned: true });
  await host.advance(2 * MINUTE_MS);
  expect((await show(rollout)).members).toBe(2);
});

test('devices of another product make nobody count', async () => {
  const rollout = await launch();
  await register('lamp-1', { product: 'lamp' });
  const countedAt = async () =>
    (await host.table('rollouts').get([fleetKey(rollout)], { consistent: true }))[0];
  const first = await countedAt();
  await host.advance(30 * MINUTE_MS);
  expect(await countedAt()).toEqual(first);
  await register('cam-1');
  await host.advance(2 * MINUTE_MS);
  expect(await countedAt()).toMatchObject({ members: 1, looked: 2 });
});

/** Whoever runs the one version asks once, and installs the other where it may. */
async function updateWhoMay(
  devices: readonly ScriptedDevice[],
  { from, to } = { from: '1.0.0', to: '1.1.0' },
): Promise<void> {
  for (const device of devices.filter(({ version }) => version === from)) {
    if ((await device.check())?.artifact === undefined) continue;
    if ((await device.requestPermit(`cam/${to}`))?.answer !== 'granted') continue;
    await device.install(to);
    device.boots(to);
    await device.check();
  }
}

test('a stage is a share of the devices that matched before they were updated, and of those that leave once they are', async () => {
  const devices = Array.from({ length: 20 }, (_, n) => new ScriptedDevice(host, `cam-${n}`));
  for (const device of devices) {
    await device.register();
    await device.check();
  }
  const stages = [
    { name: 'half', percent: '50%', gate: { bake: '1s' } },
    { name: 'all', percent: '100%' },
  ];
  const rollout = await launch({ selector: 'version < "1.1.0"', stages });
  const updated = () => devices.filter(({ version }) => version === '1.1.0');
  for (let round = 0; round < 60 && updated().length < 20; round += 1) {
    await updateWhoMay(devices);
    // Whoever is gone by the next count has had its place in the first half.
    if (round === 0) await updated()[0]?.register({ entityVersion: 2, decommissioned: true });
    await host.advance(11_000);
  }
  expect(await show(rollout)).toMatchObject({ members: 20, state: 'completed', counts: { good: 20 } });
});

test('a stage is a share of the devices that there are at its opening, also where some device changes every few seconds', async () => {
  const devices = Array.from({ length: 40 }, (_, n) => new ScriptedDevice(host, `cam-${n}`));
  for (const device of devices) await device.register();
  const stages = [
    { name: 'first', count: 2, gate: { minConfirmed: 2, bake: '5m' } },
    { name: 'half', percent: '50%' },
  ];
  const rollout = await launch({ stages });
  const updated = () => devices.filter(({ version }) => version === '1.1.0');
  for (let round = 0; round < 4 && updated().length < 2; round += 1) {
    await updateWhoMay(devices.slice(0, 5));
    await host.advance(11_000);
  }
  expect(updated()).toHaveLength(2);
  for (let step = 0; step < 84; step += 1) {
    await host.advance(5_000);
    if (step < 30) await devices[39 - step]?.register({ entityVersion: 2, decommissioned: true });
    else await devices[0]?.register({ entityVersion: step, tags: [`n-${step}`] });
  }
  expect(await show(rollout)).toMatchObject({
    members: 10,
    stages: [{ state: 'passed' }, { state: 'open', ceiling: 5 }],
  });
});

test('devices that the release has no artifact for are in no share, in the preview as after the launch, and keep nothing from completing', async () => {
  for (let n = 0; n < 10; n += 1) await register(`old-${n}`, { hardware: 'cam-rev-a' });
  const devices = Array.from({ length: 10 }, (_, n) => new ScriptedDevice(host, `cam-${n}`));
  for (const device of devices) await device.register();
  const stages = [
    { name: 'some', percent: '20%', gate: { bake: '1s' } },
    { name: 'all', percent: '100%' },
  ];
  const { body: draft } = await host.http('POST', '/rollouts', {
    document: quickDocument('cam/1.1.0', { stages }),
  });
  await host.settle();
  expect((await show(draft.rollout)).preview.count).toMatchObject({
    members: 20,
    served: 10,
    withoutArtifact: 10,
    firstStage: { devices: 2, served: 2 },
    notServed: [{ rule: 'no-artifact', devices: 10 }],
  });
  await host.http('POST', `/rollouts/${draft.rollout}/launch`);
  await host.settle();
  expect(await show(draft.rollout)).toMatchObject({ members: 10, stages: [{ ceiling: 2 }, {}] });
  for (let round = 0; round < 30; round += 1) {
    await updateWhoMay(devices);
    await host.advance(11_000);
  }
  expect(await show(draft.rollout)).toMatchObject({ state: 'completed', counts: { good: 10 } });
});

test('a count of a completed rollout that comes late changes nothing, although devices have forgotten it since', async () => {
  const devices = ['cam-1', 'cam-2'].map((deviceId) => new ScriptedDevice(host, deviceId));
  for (const device of devices) {
    await device.register();
    await device.check();
  }
  const rollout = await launch({ selector: 'version < "1.1.0"' });
  for (let round = 0; round < 10; round += 1) {
    await updateWhoMay(devices);
    await host.advance(11_000);
  }
  const completed = { state: 'completed', members: 2, counts: { good: 2 } };
  expect(await show(rollout)).toMatchObject(completed);
  await publishRelease(host, '1.2.0', 3);
  await draftAndLaunch(host, quickDocument('cam/1.2.0'));
  for (let round = 0; round < 10; round += 1) {
    await updateWhoMay(devices, { from: '1.1.0', to: '1.2.0' });
    await host.advance(11_000);
  }
  expect(devices.map(({ version }) => version)).toEqual(['1.2.0', '1.2.0']);
  await host.queue('members').send([{ body: JSON.stringify({ rollout, stage: 0 }) }]);
  await host.advance(11_000);
  expect(await show(rollout)).toMatchObject(completed);
});

test('a count for the stage before that comes late does not take those whom a stage by tag has served for its forerunners', async () => {
  const [first, ...lab] = ['few', 'lab-1', 'lab-2'].map((deviceId) => new ScriptedDevice(host, deviceId));
  await first?.register();
  const rollout = await launch({
    stages: [
      { name: 'few', count: 1, gate: { minConfirmed: 1 } },
      { name: 'lab', tag: 'lab', gate: { bake: '1s' } },
      { name: 'all', percent: 100 },
    ],
    halt: { suspectAtLeast: '30m', silentAfter: '1h' },
  });
  if (first !== undefined) await updateWhoMay([first]);
  for (const device of lab) await device.register({ tags: ['lab'] });
  await host.advance(3 * MINUTE_MS);
  for (const device of lab) {
    await device.check();
    expect(await device.requestPermit('cam/1.1.0')).toMatchObject({ answer: 'granted' });
  }
  await host.queue('members').send([{ body: JSON.stringify({ rollout, stage: 0 }) }]);
  await host.advance(3 * MINUTE_MS);
  expect(await show(rollout)).toMatchObject({
    counts: { good: 1, granted: 2 },
    stages: [
      { state: 'passed' },
      { state: 'open', gate: '0 of 1 confirmed in stage lab' },
      { state: 'waiting' },
    ],
  });
});
