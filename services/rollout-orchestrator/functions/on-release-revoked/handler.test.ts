import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { TestHost } from '#host/testing/test-host.ts';
import { keyOf } from '#shared/capabilities/key-of.ts';
import { activeKey, counterKey } from '../../stores/keys.ts';
import { ALL_AT_ONCE, quickDocument } from '../../testing/documents.ts';
import { draftAndLaunch } from '../../testing/draft-and-launch.ts';
import { revokeRelease, tellRevoked } from '../../testing/releases.ts';
import type { ScriptedDevice } from '../../testing/scripted-device.ts';
import { startSmallFleet } from '../../testing/small-fleet.ts';

describe('a release that is revoked', () => {
  let host: TestHost;
  let first: ScriptedDevice;
  beforeEach(async () => {
    ({ host, first } = await startSmallFleet());
  });
  afterEach(() => host.stop());

  const launch = (overrides: Record<string, unknown> = ALL_AT_ONCE) =>
    draftAndLaunch(host, quickDocument('cam/1.1.0', overrides));

  test('aborts its rollout and is acknowledged once nothing can follow', async () => {
    const rollout = await launch();
    await first.check();
    await revokeRelease(host, '1.1.0', 2);
    expect(await first.requestPermit('cam/1.1.0')).toMatchObject({ answer: 'withdrawn' });
    expect((await host.http('GET', `/rollouts/${rollout}`)).body.state).toBe('aborted');
    expect(host.events.map((event) => event.type)).toContain('ReleaseWithdrawn');
    expect(await host.http('POST', '/rollouts', { document: quickDocument('cam/1.1.0') })).toMatchObject({
      status: 400,
      body: { error: { field: 'release' } },
    });
  });

  test('aborts a rollout that is launched at the same moment, whose launch is refused', async () => {
    const { body: draft } = await host.http('POST', '/rollouts', {
      document: quickDocument('cam/1.1.0', ALL_AT_ONCE),
    });
    const table = host.table('rollouts');
    const { transact } = table;
    const launches = activeKey('acme', 'cam', draft.rollout).sk;
    table.transact = async (writes, options) => {
      if (writes.map(keyOf).some(({ sk }) => sk === launches)) {
        table.transact = transact;
        await tellRevoked(host, '1.1.0', 2);
      }
      return transact.call(table, writes, options);
    };
    expect(await host.http('POST', `/rollouts/${draft.rollout}/launch`)).toMatchObject({
      status: 409,
      body: { error: { field: 'release', rule: 'cam/1.1.0 has been revoked' } },
    });
    expect((await host.http('GET', `/rollouts/${draft.rollout}`)).body).toMatchObject({
      state: 'aborted',
      reason: 'release revoked while it was launched',
    });
  });

  test('is revoked whatever the counters of its rollouts say', async () => {
    const rollouts = [await launch(), await launch(), await launch()];
    for (const rollout of rollouts.slice(0, 2))
      await host.table('rollouts').write({ update: counterKey(rollout, 3), set: { '1.good': -1 } });
    await revokeRelease(host, '1.1.0', 2);
    for (const rollout of rollouts)
      expect((await host.http('GET', `/rollouts/${rollout}`)).body.state).toBe('aborted');
    expect(host.events.map((event) => event.type)).toContain('ReleaseWithdrawn');
  });
});
