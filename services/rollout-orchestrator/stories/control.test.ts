import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { TestHost } from '#host/testing/test-host.ts';
import { lifeOf } from '../steps/control-rollout.ts';
import { RolloutReader } from '../steps/rollout-evidence.ts';
import { ControlStore } from '../stores/control-store.ts';
import { rolloutPartition } from '../stores/keys.ts';
import { nextId } from '../testing/next-id.ts';
import type { ScriptedDevice } from '../testing/scripted-device.ts';
import { type SmallFleet, startSmallFleet } from '../testing/small-fleet.ts';
import { grantedIn } from '../testing/told.ts';

describe('control of a rollout', () => {
  let host: TestHost;
  let first: ScriptedDevice;
  let launch: SmallFleet['launch'];
  beforeEach(async () => {
    ({ host, first, launch } = await startSmallFleet());
  });
  afterEach(() => host.stop());

  const post = (path: string, body?: unknown) => host.http('POST', path, body);

  test('a paused rollout lets devices wait, and grants when it is resumed', async () => {
    const rollout = await launch();
    await first.check();
    await post(`/rollouts/${rollout}/pause`, { reason: 'lunch' });
    expect(await first.requestPermit('cam/1.1.0')).toMatchObject({ answer: 'wait' });
    expect(await post(`/rollouts/${rollout}/resume`, { reason: 'back' })).toMatchObject({
      body: { state: 'running' },
    });
    expect(await first.requestPermit('cam/1.1.0')).toMatchObject({ answer: 'granted' });
  });

  test('a repeated request gets the same attempt with what is left of its life', async () => {
    await launch();
    await first.check();
    const permit = grantedIn(await first.requestPermit('cam/1.1.0'));
    await host.advance(100_000);
    const repeat = grantedIn(await first.requestPermit('cam/1.1.0'));
    expect(repeat.attempt).toBe(permit.attempt);
    expect(repeat.seconds).toBeLessThan(permit.seconds - 99);
  });

  test('a stage that is opened by hand and adds nobody opens no other as long as nobody has confirmed the release', async () => {
    const rollout = await launch({
      stages: [
        { name: 'one', count: 1 },
        { name: 'early', percent: '5%' },
        { name: 'all', percent: '100%' },
      ],
      halt: { suspectAtLeast: '30m', silentAfter: '1h' },
    });
    await first.check();
    await first.requestPermit('cam/1.1.0');
    await post(`/rollouts/${rollout}/advance`, { reason: 'a look at the next stage' });
    await host.advance(180_000);
    const stages = async () => (await host.http('GET', `/rollouts/${rollout}`)).body.stages;
    const gate = 'nobody has confirmed the release yet, and stage early adds nobody';
    expect(await stages()).toMatchObject([{}, { state: 'open', gate }, { state: 'waiting' }]);
    await first.install('1.1.0');
    first.boots('1.1.0');
    await first.check();
    await host.advance(60_000);
    expect(await stages()).toMatchObject([{}, { state: 'passed' }, { state: 'open' }]);
  });

  test('a stage that adds nobody opens the next one also where the release was confirmed in a second attempt alone', async () => {
    const rollout = await launch({
      stages: [
        { name: 'one', count: 1 },
        { name: 'early', percent: '5%' },
        { name: 'all', percent: '100%' },
      ],
      retry: { attempts: 2 },
    });
    for (const word of ['failed', undefined]) {
      await first.check();
      await first.requestPermit('cam/1.1.0');
      if (word === undefined) await first.install('1.1.0');
      else await first.report(word, '1.1.0', 'flash-write');
      first.boots(word === undefined ? '1.1.0' : '1.0.0');
      await first.check();
      await host.advance(60_000);
    }
    await post(`/rollouts/${rollout}/advance`, { reason: 'it runs now' });
    await host.advance(60_000);
    expect((await host.http('GET', `/rollouts/${rollout}`)).body).toMatchObject({
      counts: { failed: 1, good: 1 },
      stages: [{}, { state: 'passed' }, { state: 'open' }],
    });
  });

  test('an install that did not begin is withdrawn after an abort, and is counted void', async () => {
    const rollout = await launch();
    await first.check();
    await first.requestPermit('cam/1.1.0');
    await post(`/rollouts/${rollout}/abort`, { reason: 'wrong artwork' });
    expect(await first.report('installing', '1.1.0')).toMatchObject({ answer: 'withdrawn' });
    await host.advance(4_000_000);
    const { body } = await host.http('GET', `/rollouts/${rollout}`);
    expect(body).toMatchObject({
      state: 'aborted',
      reason: 'wrong artwork',
      counts: { void: 1, installing: 0 },
    });
  });

  test('an install that began goes on after an abort, and its proof is counted', async () => {
    const rollout = await launch();
    await first.check();
    await first.requestPermit('cam/1.1.0');
    await first.report('installing', '1.1.0');
    await post(`/rollouts/${rollout}/abort`, { reason: 'wrong artwork' });
    expect(await first.report('rebooting', '1.1.0')).toMatchObject({ ackSeq: 2 });
    first.boots('1.1.0');
    await first.check();
    const { body } = await host.http('GET', `/rollouts/${rollout}`);
    expect(body.counts).toMatchObject({ good: 1 });
  });

  test('a stage that is opened by hand twice is opened once', async () => {
    const stages = ['canary', 'early', 'all'].map((name, at) => ({ name, percent: [10, 50, 100][at] }));
    const rollout = await launch({ stages });
    const opening = { reason: 'the bench is fine', stage: 'early' };
    const states = ({ body }: { body: { stages: { state: string }[] } }) =>
      body.stages.map(({ state }) => state);
    for (const time of ['once', 'again']) {
      const answer = await post(`/rollouts/${rollout}/advance`, opening);
      expect({ time, status: answer.status, stages: states(answer) }).toEqual({
        time,
        status: 200,
        stages: ['passed', 'open', 'waiting'],
      });
    }
    expect(await post(`/rollouts/${rollout}/advance`, { ...opening, stage: 'nowhere' })).toMatchObject({
      status: 400,
      body: { error: { field: 'stage', rule: expect.stringContaining('canary, early, all') } },
    });
  });

  test('nobody stops a rollout in a stage that it has left', async () => {
    const stages = ['canary', 'all'].map((name, at) => ({ name, percent: [10, 100][at] }));
    const rollout = await launch({ stages });
    const table = host.table('rollouts');
    const seen = await new RolloutReader(table).readControl(rollout);
    await post(`/rollouts/${rollout}/advance`, { reason: 'the bench is fine' });
    if (seen === undefined) throw new Error('the rollout is gone');
    const before = lifeOf(seen);
    const late = {
      record: seen.record,
      before,
      gateStage: seen.gate.stage,
      resumedMs: seen.gate.resumedMs,
      after: { ...before, state: 'aborted' as const },
      command: { kind: 'abort' as const, reason: 'wrong artwork' },
      actor: 'operator:ada',
      atMs: host.world.now(),
      id: nextId(),
    };
    expect(await new ControlStore(table).change(late)).toBe(false);
    await post(`/rollouts/${rollout}/abort`, { reason: 'wrong artwork' });
    const range = { partition: rolloutPartition(rollout), prefix: 'audit#', descending: true, limit: 1 };
    const { items } = await table.query(range);
    expect(items[0]).toMatchObject({ action: 'abort', after: { state: 'aborted', stage: 1 } });
  });

  test('a rollout of another tenant does not exist', async () => {
    const rollout = await launch();
    expect(await host.http('GET', `/rollouts/${rollout}`, undefined, { tenant: 'other' })).toMatchObject({
      status: 404,
    });
    expect(
      await host.http('POST', `/rollouts/${rollout}/pause`, { reason: 'x' }, { tenant: 'other' }),
    ).toMatchObject({ status: 404 });
  });

  test('a viewer may look and not touch', async () => {
    const rollout = await launch();
    const viewer = { role: 'viewer' } as const;
    expect(await host.http('GET', `/rollouts/${rollout}`, undefined, viewer)).toMatchObject({ status: 200 });
    expect(await host.http('POST', `/rollouts/${rollout}/pause`, { reason: 'x' }, viewer)).toMatchObject({
      status: 403,
    });
  });
});
