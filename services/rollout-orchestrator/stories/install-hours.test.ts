import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { gateKey } from '../stores/keys.ts';
import { ALL_AT_ONCE, quickDocument } from '../testing/documents.ts';
import { draftAndLaunch } from '../testing/draft-and-launch.ts';
import { publishRelease } from '../testing/releases.ts';
import { ScriptedDevice } from '../testing/scripted-device.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** A world whose wall clock goes on by itself while a slow call is waited for, by less than a clock jumps. */
class WallClock extends VirtualWorld {
  aheadMs = 0;

  override now(): number {
    return super.now() + this.aheadMs;
  }
}

describe('install hours', () => {
  let host: TestHost;
  let world: WallClock;
  let device: ScriptedDevice;

  beforeEach(async () => {
    world = new WallClock();
    host = await startTestHost({ services: ['rollout-orchestrator'], world });
    device = new ScriptedDevice(host, 'cam-1');
    await device.register();
    await publishRelease(host, '1.1.0', 2);
  });

  afterEach(() => host.stop());

  test('that close after a request was judged and before its permit is written let it wait', async () => {
    const closesMs = Math.ceil(world.now() / MINUTE_MS + 5) * MINUTE_MS;
    const hourOf = (atMs: number) => new Date(atMs).toISOString().slice(11, 16);
    const window = { from: hourOf(closesMs - HOUR_MS), to: hourOf(closesMs), zone: 'UTC' };
    const rollout = await draftAndLaunch(host, quickDocument('cam/1.1.0', { ...ALL_AT_ONCE, window }));
    expect((await device.check())?.artifact).toBeDefined();
    await host.advance(closesMs - 10_000 - world.now());
    const table = host.table('rollouts');
    const { get } = table;
    const gate = gateKey(rollout);
    table.get = (keys, options) => {
      // The gate is what is read last before a permit is written.
      if (options.consistent && keys.length === 1 && keys[0]?.pk === gate.pk && keys[0].sk === gate.sk)
        world.aheadMs = 20_000;
      return get.call(table, keys, options);
    };
    expect(await device.requestPermit('cam/1.1.0')).toMatchObject({ answer: 'wait' });
    const { counts } = (await host.http('GET', `/rollouts/${rollout}`)).body;
    expect(counts).toMatchObject({ granted: 0, installing: 0 });
  });
});
