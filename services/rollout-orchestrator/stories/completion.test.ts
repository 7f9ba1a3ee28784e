import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { ALL_AT_ONCE, quickDocument } from '../testing/documents.ts';
import { draftAndLaunch } from '../testing/draft-and-launch.ts';
import { publishRelease } from '../testing/releases.ts';
import { ScriptedDevice } from '../testing/scripted-device.ts';

/** Two failures of four are below every line. */
const TOLERANT = { failureRate: '50%', lostRate: '50%', falseHalt: '0.1%', suspectAtLeast: '10s' };

describe('a rollout is completed', () => {
  let host: TestHost;
  let devices: ScriptedDevice[];

  beforeEach(async () => {
    host = await startTestHost({ services: ['rollout-orchestrator'] });
    devices = Array.from({ length: 4 }, (_, n) => new ScriptedDevice(host, `cam-${n}`));
    for (const device of devices) await device.register();
    await publishRelease(host, '1.1.0', 2);
  });

  afterEach(async () => {
    await host.stop();
  });

  const launch = (overrides: Record<string, unknown>) =>
    draftAndLaunch(host, quickDocument('cam/1.1.0', { ...ALL_AT_ONCE, ...overrides }));

  const show = async (rollout: string) => (await host.http('GET', `/rollouts/${rollout}`)).body;
  const whyCompleted = async (rollout: string): Promise<string | undefined> => {
    const { entries } = (await host.http('GET', `/rollouts/${rollout}/audit`)).body;
    const decisions = entries.map(({ text }: { text: string }) => JSON.parse(text));
    return decisions.find(({ action }: { action: string }) => action === 'complete')?.reason;
  };
  const isPermitted = async (device: ScriptedDevice): Promise<boolean> =>
    (await device.check())?.artifact !== undefined &&
    (await device.requestPermit('cam/1.1.0'))?.answer === 'granted';

  async function update(device: ScriptedDevice): Promise<void> {
    expect(await isPermitted(device)).toBe(true);
    await device.install('1.1.0');
    device.boots('1.1.0');
    await device.check();
  }

  async function fail(device: ScriptedDevice): Promise<void> {
    expect(await isPermitted(device)).toBe(true);
    await device.report('failed', '1.1.0', 'flash-write');
    device.boots('1.0.0');
  }

  test('when all members have the release, and not while one that failed has an attempt left', async () => {
    const rollout = await launch({ retry: { attempts: 3 }, halt: TOLERANT });
    const [first, second, ...others] = devices as [ScriptedDevice, ScriptedDevice, ...ScriptedDevice[]];
    for (const device of others) await update(device);
    await fail(first);
    await fail(second);
    await host.advance(60_000);
    await fail(first);
    await host.advance(60_000);
    expect((await show(rollout)).state).toBe('running');
    await update(second);
    await update(first);
    await host.advance(60_000);
    expect((await show(rollout)).state).toBe('completed');
    expect(await whyCompleted(rollout)).toBe('4 of 4 members were served, all that may be');
  });

  test('when nobody has used an attempt that is left for as long as settle', async () => {
    const rollout = await launch({ retry: { attempts: 2 }, halt: TOLERANT, settle: '1h' });
    const [first, ...others] = devices as [ScriptedDevice, ...ScriptedDevice[]];
    for (const device of others) await update(device);
    await fail(first);
    await host.advance(50 * 60_000);
    // Being served again puts it off, whatever comes of it.
    await isPermitted(first);
    await host.advance(50 * 60_000);
    expect((await show(rollout)).state).toBe('running');
    await host.advance(15 * 60_000);
    expect((await show(rollout)).state).toBe('completed');
    expect(await whyCompleted(rollout)).toBe(
      'no member has been served, or has asked in vain, for 1h; 1 of 4 served were not seen to run the release',
    );
  });

  test('never for want of anybody before it has started', async () => {
    const start = new Date(host.world.now() + 40 * 60_000).toISOString();
    const rollout = await launch({ start, settle: '10m', stallAfter: '10m' });
    await host.advance(35 * 60_000);
    expect(await show(rollout)).not.toHaveProperty('stalled');
    await host.advance(8 * 60_000);
    expect((await show(rollout)).state).toBe('running');
    await update(devices[0] as ScriptedDevice);
  });

  test('as long as settle after it was resumed, and not with that', async () => {
    const rollout = await launch({ settle: '10m' });
    await host.http('POST', `/rollouts/${rollout}/pause`, { reason: 'a look at the bench' });
    await host.advance(15 * 60_000);
    await host.http('POST', `/rollouts/${rollout}/resume`, { reason: 'all is well' });
    await host.advance(8 * 60_000);
    expect((await show(rollout)).state).toBe('running');
    await host.advance(3 * 60_000);
    expect((await show(rollout)).state).toBe('completed');
  });

  test('not while the hours in which devices install are closed, for want of anybody who could have asked', async () => {
    // Two hours that ended an hour ago.
    const hour = (ago: number) => new Date(host.world.now() - ago * 3_600_000).toISOString().slice(11, 16);
    const window = { from: hour(3), to: hour(1), zone: 'UTC' };
    const launchedMs = host.world.now();
    const rollout = await launch({ settle: '10m', window });
    await host.advance(15 * 60_000);
    const settles = new Date(launchedMs + 22 * 3_600_000 + 10 * 60_000).toISOString().slice(0, 16);
    expect(await show(rollout)).toMatchObject({
      state: 'running',
      stages: [{ gate: expect.stringContaining(`settles until ${settles}`) }],
    });
  });

  test('of which a stage is for a tag that only devices have that were served before, without a hand', async () => {
    const stages = [
      { name: 'few', count: 2, gate: { minConfirmed: 2 } },
      { name: 'lab', tag: 'lab' },
      { name: 'all', percent: 100 },
    ];
    const [first, second, ...others] = devices as [ScriptedDevice, ScriptedDevice, ...ScriptedDevice[]];
    await first.register({ entityVersion: 2, tags: ['lab'] });
    await second.register({ entityVersion: 2, tags: ['lab'] });
    const rollout = await launch({ stages });
    await update(first);
    await update(second);
    await host.advance(5 * 60_000);
    expect((await show(rollout)).stages).toMatchObject([{}, { state: 'passed' }, { state: 'open' }]);
    for (const device of others) await update(device);
    await host.advance(60_000);
    expect((await show(rollout)).state).toBe('completed');
  });

  test('at once when all members have the release, also where its last stage is for more than there are', async () => {
    const rollout = await launch({ stages: [{ name: 'many', count: 100 }] });
    for (const device of devices) await update(device);
    await host.advance(60_000);
    expect((await show(rollout)).state).toBe('completed');
    expect(await whyCompleted(rollout)).toBe('4 of 4 members were served, all that may be');
  });

  test('after those that came while the last ones were being served', async () => {
    const rollout = await launch({});
    for (const device of devices.slice(1)) await update(device);
    const late = new ScriptedDevice(host, 'cam-late');
    await late.register();
    await update(devices[0] as ScriptedDevice);
    await host.advance(4_000);
    expect(await show(rollout)).toMatchObject({ state: 'running', members: 5 });
    await update(late);
    expect(await show(rollout)).toMatchObject({ state: 'completed', members: 5, counts: { good: 5 } });
  });

  describe('by hand alone where it is standing', () => {
    const finish = (rollout: string) =>
      host.http('POST', `/rollouts/${rollout}/advance`, { reason: '1.2.0 is out' });

    test('so that a device that comes long after all others gets the release', async () => {
      const rollout = await launch({ standing: true, settle: '10m' });
      for (const device of devices) await update(device);
      await host.advance(2 * 3_600_000);
      expect(await show(rollout)).toMatchObject({ state: 'running', document: { standing: true } });
      const late = new ScriptedDevice(host, 'cam-late');
      await late.register();
      await host.advance(120_000);
      await update(late);
      await host.advance(3_600_000);
      expect(await show(rollout)).toMatchObject({ state: 'running', members: 5, counts: { good: 5 } });
    });

    test('by opening a stage after its last one; nobody gets it any more then', async () => {
      const rollout = await launch({ standing: true });
      for (const device of devices) await update(device);
      expect(await finish(rollout)).toMatchObject({ status: 200, body: { state: 'completed' } });
      expect(await whyCompleted(rollout)).toBe('1.2.0 is out');
      const late = new ScriptedDevice(host, 'cam-late');
      await late.register();
      await host.advance(120_000);
      expect((await late.check())?.artifact).toBeUndefined();
      expect(await finish(rollout)).toMatchObject({ status: 409 });
    });

    test('and not while a stage is to open, which is opened instead', async () => {
      const stages = [
        { name: 'some', count: 1, gate: { bake: '1d' } },
        { name: 'all', percent: '100%' },
      ];
      const rollout = await launch({ standing: true, stages });
      expect(await finish(rollout)).toMatchObject({
        status: 200,
        body: { state: 'running', stages: [{}, { name: 'all', state: 'open' }] },
      });
    });

    test('never by a rollout that is not standing', async () => {
      const rollout = await launch({});
      expect(await finish(rollout)).toMatchObject({ status: 409 });
    });
  });
});
