import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { TestHost } from '#host/testing/test-host.ts';
import { HearingInterrupted } from '#shared/contracts/events/hearing-interrupted.ts';
import { counterKey, gateKey, HEARING_KEY } from '../../stores/keys.ts';
import { ALL_AT_ONCE } from '../../testing/documents.ts';
import { nextId } from '../../testing/next-id.ts';
import type { ScriptedDevice } from '../../testing/scripted-device.ts';
import { type SmallFleet, startSmallFleet } from '../../testing/small-fleet.ts';

describe('hearing that was interrupted', () => {
  let host: TestHost;
  let devices: readonly ScriptedDevice[];
  let first: ScriptedDevice;
  let launch: SmallFleet['launch'];
  beforeEach(async () => {
    ({ host, devices, first, launch } = await startSmallFleet());
  });
  afterEach(() => host.stop());

  /** Tells that devices could not be heard, as the home does on the bus. */
  const interrupt = (
    what: Pick<HearingInterrupted, 'fromMs' | 'untilMs' | 'restoredFromMs'>,
    id: string = nextId(),
  ) => {
    const { source, type } = HearingInterrupted;
    const detail = { id, v: 1, tenant: 'evenkeel', atMs: what.untilMs, ...what };
    return host.invoke('onHearingInterrupted', { source, 'detail-type': type, detail });
  };
  const post = (path: string, body?: unknown) => host.http('POST', path, body);

  test('is no silence: what nobody could hear is not scored, and clocks start again with a grace', async () => {
    const rollout = await launch({ ...ALL_AT_ONCE, halt: { silentAfter: '120s', suspectAtLeast: '10s' } });
    for (const device of devices) await device.check();
    for (const device of devices) await device.requestPermit('cam/1.1.0', false);
    await host.settle();
    for (const device of devices) {
      device.takePermit();
      await device.install('1.1.0');
    }
    const untilMs = host.world.now() + 50_000;
    await host.advance(50_000);
    await interrupt({ fromMs: untilMs - 40_000, untilMs });
    await host.advance(100_000);
    expect((await host.http('GET', `/rollouts/${rollout}`)).body).toMatchObject({
      state: 'running',
      counts: { silent: 0 },
    });
    await host.advance(300_000);
    expect((await host.http('GET', `/rollouts/${rollout}`)).body).toMatchObject({ state: 'halted' });
  });

  test('is no time in which a rollout settles: who asked then has asked in vain', async () => {
    const rollout = await launch({ ...ALL_AT_ONCE, settle: '10m' });
    await host.advance(9 * 60_000);
    const untilMs = host.world.now();
    await interrupt({ fromMs: untilMs - 8 * 60_000, untilMs });
    const stateOf = async () => (await host.http('GET', `/rollouts/${rollout}`)).body.state;
    await host.advance(8 * 60_000);
    expect(await stateOf()).toBe('running');
    await host.advance(3 * 60_000);
    expect(await stateOf()).toBe('completed');
  });

  test('twice while a rollout settles is left out twice, also where what is told first is told again', async () => {
    const rollout = await launch({ ...ALL_AT_ONCE, settle: '10m' });
    const startMs = host.world.now();
    const minutes = (from: number, until: number) => ({
      fromMs: startMs + from * 60_000,
      untilMs: startMs + until * 60_000,
    });
    await host.advance(9 * 60_000);
    await interrupt(minutes(1, 4));
    await interrupt(minutes(5, 8));
    await interrupt(minutes(1, 4));
    const stateOf = async () => (await host.http('GET', `/rollouts/${rollout}`)).body.state;
    await host.advance(6 * 60_000);
    expect(await stateOf()).toBe('running');
    await host.advance(3 * 60_000);
    expect(await stateOf()).toBe('completed');
  });

  test('is noted anew where what was noted of it cannot be read: the host starts', async () => {
    const rollout = await launch({ ...ALL_AT_ONCE, settle: '10m' });
    await host.table('rollouts').write({
      update: HEARING_KEY,
      set: { awayFromMs: 1, awayUntilMs: 2, timesAway: [{ fromMs: 'yesterday', untilMs: 2 }] },
    });
    await host.advance(2 * 60_000);
    expect((await host.http('GET', `/rollouts/${rollout}`)).body).toMatchObject({ state: 'paused' });
    const untilMs = host.world.now();
    await interrupt({ fromMs: untilMs - 60_000, untilMs });
    const resumed = await post(`/rollouts/${rollout}/resume`, { reason: 'it started again' });
    expect(resumed).toMatchObject({ body: { state: 'running' } });
  });

  test('by a version that knows the latest alone is heard of by the next one, which remembers the one before that', async () => {
    const rollout = await launch({ ...ALL_AT_ONCE, settle: '10m' });
    const startMs = host.world.now();
    await host.advance(60_000);
    await interrupt({ fromMs: startMs, untilMs: host.world.now() });
    await host.advance(60_000);
    const before = { awayFromMs: host.world.now() - 30_000, awayUntilMs: host.world.now() };
    await host.table('rollouts').write({ update: HEARING_KEY, set: before });
    await host.advance(9 * 60_000);
    const stateOf = async () => (await host.http('GET', `/rollouts/${rollout}`)).body.state;
    expect(await stateOf()).toBe('running');
    await host.advance(2 * 60_000);
    expect(await stateOf()).toBe('completed');
  });

  test('counts the members of a rollout whose launch it cut off before that asked for a count, within a minute', async () => {
    const members = host.queue('members');
    const { send } = members;
    members.send = async () => ({ failed: [] });
    const rollout = await launch();
    members.send = send;
    const fromMs = host.world.now();
    await host.advance(5_000);
    await interrupt({ fromMs, untilMs: host.world.now() });
    await host.advance(60_000);
    expect((await host.http('GET', `/rollouts/${rollout}`)).body.members).toBe(6);
  });

  test('by a restored backup: every rollout that ran is paused before anything else, also one that cannot be read, and no other', async () => {
    const running = await launch();
    const waiting = await launch({ ...ALL_AT_ONCE, priority: 1 });
    await post(`/rollouts/${waiting}/pause`, { reason: 'lunch' });
    const unreadable = await launch({ ...ALL_AT_ONCE, priority: 2 });
    await host.table('rollouts').write({ update: counterKey(unreadable, 3), set: { '1.good': -1 } });
    await first.check();
    const untilMs = host.world.now();
    const id = nextId();
    const restoredFromMs = untilMs - 86_400_000;
    // Twice: who cannot note that it was told tells again.
    for (let times = 0; times < 2; times++)
      await interrupt({ fromMs: restoredFromMs, untilMs, restoredFromMs }, id);
    const reason = `restored from a backup of ${new Date(restoredFromMs).toISOString()}: what happened since is not known`;
    for (const rollout of [running, unreadable]) {
      const [gate] = await host.table('rollouts').get([gateKey(rollout)], { consistent: true });
      expect(gate).toMatchObject({ state: 'paused', reason });
    }
    const [gate] = await host.table('rollouts').get([gateKey(waiting)], { consistent: true });
    expect(gate).toMatchObject({ state: 'paused', reason: 'lunch' });
    expect(await first.requestPermit('cam/1.1.0')).toMatchObject({ answer: 'wait' });
    expect(await post(`/rollouts/${running}/resume`, { reason: 'nothing is missing' })).toMatchObject({
      body: { state: 'running' },
    });
  });
});
