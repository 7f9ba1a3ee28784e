import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { TestHost } from '#host/testing/test-host.ts';
import { counterKey, gateKey, rolloutPartition } from '../stores/keys.ts';
import type { ScriptedDevice } from '../testing/scripted-device.ts';
import { type SmallFleet, startSmallFleet } from '../testing/small-fleet.ts';

describe('a rollout whose counters cannot be read', () => {
  let host: TestHost;
  let first: ScriptedDevice;
  let launch: SmallFleet['launch'];
  beforeEach(async () => {
    ({ host, first, launch } = await startSmallFleet());
  });
  afterEach(() => host.stop());

  const post = (path: string, body?: unknown) => host.http('POST', path, body);

  test('is paused, and the audit log and the bus say so', async () => {
    const rollout = await launch();
    const table = host.table('rollouts');
    await table.write({ update: counterKey(rollout, 3), set: { '1.good': 'many' } });
    await host.advance(120_000);
    const reason = expect.stringContaining('1.good: must be a whole number, not many');
    const [gate] = await table.get([gateKey(rollout)], { consistent: true });
    expect(gate).toMatchObject({ state: 'paused', reason });
    const { items } = await table.query({
      partition: rolloutPartition(rollout),
      prefix: 'audit#',
      descending: true,
      limit: 10,
    });
    expect(items.map(({ action }) => action)).toEqual(['pause', 'launch', 'create']);
    expect(items[0]).toMatchObject({
      actor: 'evenkeel',
      reason,
      before: { state: 'running', stage: 0 },
      after: { state: 'paused', stage: 0 },
    });
    expect(host.events.map(({ detail }) => detail)).toContainEqual(
      expect.objectContaining({ rollout, change: 'paused', reason }),
    );
    expect(await first.check()).toBeUndefined();
  });

  test('is shown and can be aborted, and nothing else', async () => {
    const rollout = await launch();
    await first.check();
    await first.requestPermit('cam/1.1.0');
    await host.table('rollouts').write({ update: counterKey(rollout, 3), set: { '1.good': -1 } });
    await host.advance(120_000);
    const unreadable = expect.stringContaining('1.good');
    expect(await host.http('GET', `/rollouts/${rollout}`)).toMatchObject({
      status: 200,
      body: { state: 'paused', unreadable, counts: { granted: 1, good: 0 }, evidence: [] },
    });
    expect(await post(`/rollouts/${rollout}/resume`, { reason: 'looks fine' })).toMatchObject({
      status: 409,
      body: { error: { code: 'wrong-state', rule: expect.stringContaining('can be paused or aborted') } },
    });
    expect(await post(`/rollouts/${rollout}/abort`, { reason: 'counters are broken' })).toMatchObject({
      status: 200,
      body: { state: 'aborted', unreadable },
    });
  });
});
