import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { ALL_AT_ONCE, quickDocument } from '../testing/documents.ts';
import { draftAndLaunch } from '../testing/draft-and-launch.ts';
import { publishRelease } from '../testing/releases.ts';
import { ScriptedDevice } from '../testing/scripted-device.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const BAKES_FOR_TWO_HOURS = [
  { name: 'canary', count: 4, gate: { minConfirmed: 4, bake: '2h' } },
  { name: 'all', percent: '100%' },
];
const HALT = { suspectAtLeast: '2m', silentAfter: '30m', installWithin: '1h' };

/** A world whose wall clock can be set. */
class SetClock extends VirtualWorld {
  aheadMs = 0;

  override now(): number {
    return super.now() + this.aheadMs;
  }
}

describe('a rollout whose clock is set ahead', () => {
  let host: TestHost;
  let world: SetClock;
  let devices: ScriptedDevice[];

  beforeEach(async () => {
    world = new SetClock();
    host = await startTestHost({ services: ['rollout-orchestrator'], world, aliveEverySeconds: 1 });
    devices = Array.from({ length: 12 }, (_, n) => new ScriptedDevice(host, `cam-${n}`));
    for (const device of devices) await device.register();
    await publishRelease(host, '1.1.0', 2);
  });

  afterEach(() => host.stop());

  const launch = (overrides: Record<string, unknown>) =>
    draftAndLaunch(
      host,
      quickDocument('cam/1.1.0', { ...ALL_AT_ONCE, halt: HALT, pace: { firstWindow: 4 }, ...overrides }),
    );
  const show = async (rollout: string) => (await host.http('GET', `/rollouts/${rollout}`)).body;
  const stagesOf = async (rollout: string): Promise<string[]> =>
    (await show(rollout)).stages.map(({ state }: { state: string }) => state);
  const isPermitted = async (device: ScriptedDevice): Promise<boolean> =>
    (await device.check())?.artifact !== undefined &&
    (await device.requestPermit('cam/1.1.0'))?.answer === 'granted';
  const install = async (some: readonly ScriptedDevice[]) => {
    for (const device of some) {
      expect(await isPermitted(device)).toBe(true);
      await device.install('1.1.0');
    }
  };
  const prove = async (some: readonly ScriptedDevice[]) => {
    for (const device of some) {
      device.boots('1.1.0');
      await device.check();
    }
  };
  const setAhead = async (byMs: number) => {
    world.aheadMs += byMs;
    await host.advance(2_000);
  };

  test.each([
    ['an hour', HOUR_MS],
    ['a day', DAY_MS],
    ['a year', 365 * DAY_MS],
  ])('by %s while devices install widens as if it had not been', async (_, byMs) => {
    const rollout = await launch({});
    await install(devices.slice(0, 4));
    await setAhead(byMs);
    await prove(devices.slice(0, 4));
    await host.advance(4 * MINUTE_MS);
    expect(await show(rollout)).toMatchObject({ state: 'running', counts: { good: 4, silent: 0, lost: 0 } });
    for (const device of devices.slice(4, 8)) expect(await isPermitted(device)).toBe(true);
  });

  test('widens so as well where its proofs come before anybody has looked at the clock', async () => {
    const rollout = await launch({});
    await install(devices.slice(0, 4));
    world.aheadMs += HOUR_MS;
    await prove(devices.slice(0, 4));
    await host.advance(4 * MINUTE_MS);
    expect(await show(rollout)).toMatchObject({ state: 'running', counts: { good: 4, silent: 0, lost: 0 } });
    for (const device of devices.slice(4, 8)) expect(await isPermitted(device)).toBe(true);
  });

  test('makes no permit old: what is proven quickly widens nothing before its siblings could have failed', async () => {
    await launch({});
    await install(devices.slice(0, 4));
    await prove(devices.slice(0, 3));
    await setAhead(HOUR_MS);
    await host.advance(30_000);
    expect(await isPermitted(devices[4] as ScriptedDevice)).toBe(false);
  });

  test('lets nobody fall silent', async () => {
    const rollout = await launch({});
    await install(devices.slice(0, 4));
    await setAhead(DAY_MS);
    await host.advance(20 * MINUTE_MS);
    expect(await show(rollout)).toMatchObject({ state: 'running', counts: { silent: 0, lost: 0 } });
  });

  test('bakes on for as long as it would have', async () => {
    const rollout = await launch({ stages: BAKES_FOR_TWO_HOURS });
    await install(devices.slice(0, 4));
    await prove(devices.slice(0, 4));
    await host.advance(HOUR_MS);
    await setAhead(DAY_MS);
    await host.advance(50 * MINUTE_MS);
    expect(await stagesOf(rollout)).toEqual(['open', 'waiting']);
    await host.advance(12 * MINUTE_MS);
    expect(await stagesOf(rollout)).toEqual(['passed', 'open']);
  });

  test('three times within one bake bakes on for as long as it would have', async () => {
    const rollout = await launch({ stages: BAKES_FOR_TWO_HOURS });
    await install(devices.slice(0, 4));
    await prove(devices.slice(0, 4));
    for (const byMs of [DAY_MS, HOUR_MS, 2 * MINUTE_MS]) {
      await host.advance(30 * MINUTE_MS);
      await setAhead(byMs);
    }
    await host.advance(20 * MINUTE_MS);
    expect(await stagesOf(rollout)).toEqual(['open', 'waiting']);
    await host.advance(12 * MINUTE_MS);
    expect(await stagesOf(rollout)).toEqual(['passed', 'open']);
  });

  test('twice while it settles settles no earlier for that', async () => {
    const rollout = await launch({ settle: '12h' });
    for (const byMs of [DAY_MS, HOUR_MS]) {
      await host.advance(HOUR_MS);
      await setAhead(byMs);
    }
    await host.advance(9 * HOUR_MS);
    expect((await show(rollout)).state).toBe('running');
    await host.advance(2 * HOUR_MS);
    expect((await show(rollout)).state).toBe('completed');
  });

  test('passes no more permits in a minute than its pace', async () => {
    await launch({ pace: { firstWindow: 10, perMinute: 2 }, halt: { ...HALT, suspectAtLeast: '10m' } });
    await install(devices.slice(0, 2));
    await setAhead(HOUR_MS);
    expect(await isPermitted(devices[2] as ScriptedDevice)).toBe(false);
    await host.advance(2 * MINUTE_MS);
    expect(await isPermitted(devices[2] as ScriptedDevice)).toBe(true);
  });

  test('neither settles nor stalls by that', async () => {
    const rollout = await launch({ settle: '12h', stallAfter: '12h' });
    await setAhead(2 * DAY_MS);
    await host.advance(HOUR_MS);
    const { state, stages } = await show(rollout);
    expect([state, stages[0].stalled]).toEqual(['running', undefined]);
    await host.advance(12 * HOUR_MS);
    expect((await show(rollout)).state).toBe('completed');
  });
});
