import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { ProgressStore } from '../stores/progress-store.ts';
import { ALL_AT_ONCE, quickDocument } from '../testing/documents.ts';
import { draftAndLaunch } from '../testing/draft-and-launch.ts';
import { publishRelease } from '../testing/releases.ts';
import { ScriptedDevice } from '../testing/scripted-device.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** A world whose wall clock may be wrong. */
class WrongClock extends VirtualWorld {
  aheadMs = 3 * HOUR_MS;

  override now(): number {
    return super.now() + this.aheadMs;
  }
}

describe('a rollout whose clock was ahead and is put back', () => {
  let host: TestHost;
  let world: WrongClock;
  let devices: ScriptedDevice[];

  beforeEach(async () => {
    world = new WrongClock();
    host = await startTestHost({ services: ['rollout-orchestrator'], world });
    devices = Array.from({ length: 4 }, (_, n) => new ScriptedDevice(host, `cam-${n}`));
    for (const device of devices) await device.register();
    await publishRelease(host, '1.1.0', 2);
  });

  afterEach(() => host.stop());

  const launch = (overrides: Record<string, unknown>) =>
    draftAndLaunch(host, quickDocument('cam/1.1.0', { ...ALL_AT_ONCE, ...overrides }));

  const show = async (rollout: string) => (await host.http('GET', `/rollouts/${rollout}`)).body;
  const isPermitted = async (device: ScriptedDevice): Promise<boolean> =>
    (await device.check())?.artifact !== undefined &&
    (await device.requestPermit('cam/1.1.0'))?.answer === 'granted';

  test('counts the proof of an install that began before, and no silence', async () => {
    const halt = { suspectAtLeast: '10m', silentAfter: '30m', installWithin: '1h' };
    const rollout = await launch({ halt });
    for (const device of devices) {
      expect(await isPermitted(device)).toBe(true);
      await device.install('1.1.0');
    }
    world.aheadMs = 0;
    await host.advance(60_000);
    for (const device of devices) {
      device.boots('1.1.0');
      await device.check();
    }
    await host.advance(60_000);
    expect(await show(rollout)).toMatchObject({ state: 'completed', counts: { good: 4, silent: 0 } });
  });

  test('goes on at its pace', async () => {
    const rollout = await launch({ pace: { perMinute: 2 }, halt: { suspectAtLeast: '10m' } });
    for (const device of devices.slice(0, 2)) expect(await isPermitted(device)).toBe(true);
    world.aheadMs = 0;
    await host.advance(200_000);
    expect((await show(rollout)).window).not.toHaveProperty('blockedBy');
    for (const device of devices.slice(2)) expect(await isPermitted(device)).toBe(true);
  });

  test('settles from when a member last asked in vain by the clock that is right', async () => {
    const rollout = await launch({ pace: { firstWindow: 2 } });
    for (const device of devices.slice(0, 2)) expect(await isPermitted(device)).toBe(true);
    const [, , third] = devices as [ScriptedDevice, ScriptedDevice, ScriptedDevice];
    expect(await isPermitted(third)).toBe(false);
    const lastUnservedMs = async () =>
      (await new ProgressStore(host.table('rollouts')).fleet(rollout)).lastUnservedMs ?? 0;
    expect(await lastUnservedMs()).toBeGreaterThan(world.now() - 1_000);
    world.aheadMs = 0;
    await host.advance(15_000);
    expect(await isPermitted(third)).toBe(false);
    expect(await lastUnservedMs()).toBeLessThanOrEqual(world.now());
  });

  test('counts who left in between as no member, where nobody looked at it until the clock had come to its last count again', async () => {
    world.aheadMs = 5 * MINUTE_MS;
    const rollout = await launch({});
    expect(await show(rollout)).toMatchObject({ members: 4 });
    await host.http('POST', `/rollouts/${rollout}/pause`, { reason: 'wait' });
    world.aheadMs = 0;
    await devices[0]?.register({ entityVersion: 2, decommissioned: true });
    await host.advance(6 * MINUTE_MS);
    await host.http('POST', `/rollouts/${rollout}/resume`, { reason: 'go on' });
    await host.advance(2 * MINUTE_MS);
    expect(await show(rollout)).toMatchObject({ state: 'running', members: 3 });
  });

  test('is not hidden by what was read before, nor is one that was aborted since still offered', async () => {
    const [first, second] = devices as [ScriptedDevice, ScriptedDevice];
    expect(await first.check()).toBeUndefined();
    world.aheadMs = 0;
    const rollout = await launch({});
    expect(await first.check()).toMatchObject({ release: 'cam/1.1.0' });
    world.aheadMs = 3 * HOUR_MS;
    expect(await second.check()).toMatchObject({ release: 'cam/1.1.0' });
    world.aheadMs = 0;
    await host.http('POST', `/rollouts/${rollout}/abort`, { reason: 'enough' });
    await host.advance(5_000);
    expect(await second.check()).toBeUndefined();
  });
});
