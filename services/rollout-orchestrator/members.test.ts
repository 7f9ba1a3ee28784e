import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { fleetKey } from './stores/keys.ts';
import { BenchDevice, publishRelease } from './testing/bench-fleet.ts';
import { quickDocument } from './testing/documents.ts';

const MINUTE_MS = 60_000;

let host: TestHost;
beforeEach(async () => {
  host = await startTestHost({ services: ['rollout-orchestrator'] });
  await publishRelease(host, '1.1.0', 2);
});
afterEach(async () => {
  await host.stop();
});

async function launch(): Promise<string> {
  const { rollout } = (await host.http('POST', '/rollouts', { document: quickDocument('cam/1.1.0') })).body;
  await host.http('POST', `/rollouts/${rollout}/launch`);
  await host.settle();
  return rollout;
}
const show = async (rollout: string) => (await host.http('GET', `/rollouts/${rollout}`)).body;
const register = async (deviceId: string, more: Parameters<BenchDevice['register']>[0] = {}) =>
  await new BenchDevice(host, deviceId).register(more);

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
