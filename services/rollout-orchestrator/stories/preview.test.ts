import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { queueBatch } from '#host/testing/queue-batch.ts';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { deviceKey, fleetKey, previewKey, previewsKey } from '../stores/keys.ts';
import { quickDocument } from '../testing/documents.ts';
import { publishRelease } from '../testing/releases.ts';
import { ScriptedDevice } from '../testing/scripted-device.ts';

const MINUTE_MS = 60_000;
const TAG_FIRST = [
  { name: 'bench', tag: 'beta', gate: { minConfirmed: 1 } },
  { name: 'all', percent: 100 },
];

let host: TestHost;
beforeEach(async () => {
  host = await startTestHost({ services: ['rollout-orchestrator'] });
  await publishRelease(host, '1.1.0', 2);
});
afterEach(async () => {
  await host.stop();
});

async function create(overrides: Record<string, unknown> = {}) {
  return (await host.http('POST', '/rollouts', { document: quickDocument('cam/1.1.0', overrides) })).body;
}
const show = async (rollout: string) => (await host.http('GET', `/rollouts/${rollout}`)).body;
async function counted(overrides: Record<string, unknown> = {}) {
  const { rollout } = await create(overrides);
  await host.settle();
  return (await show(rollout)).preview.count;
}
async function device(
  deviceId: string,
  facts: Parameters<ScriptedDevice['register']>[0] = {},
  version = '1.0.0',
) {
  const one = new ScriptedDevice(host, deviceId, version);
  await one.register(facts);
  return one;
}
const kept = async (rollout: string) =>
  (await host.table('rollouts').get([previewKey(rollout)], { consistent: true }))[0];

test('a draft is being counted when it is made, and shows soon whom it would reach, by what the launch will decide', async () => {
  for (const id of ['cam-1', 'cam-2', 'cam-3']) await (await device(id)).check();
  await (await device('cam-4', { tags: ['beta'] }, '1.1.0')).check();
  await (await device('cam-5', { tags: ['beta'] })).check();
  await device('cam-6');
  await device('cam-old', { hardware: 'cam-rev-a', tags: ['beta'] });
  await device('cam-gone', { decommissioned: true });
  await device('cam-lab', { tags: ['lab'] });
  await device('lamp-1', { product: 'lamp' });
  const draft = await create({ selector: 'not tag("lab")', stages: TAG_FIRST });
  expect(draft).toMatchObject({ state: 'draft', preview: { state: 'counting' } });
  await host.settle();
  const { preview } = await show(draft.rollout);
  expect(preview).toEqual({
    state: 'counted',
    count: {
      countedAtMs: expect.any(Number),
      looked: 10,
      unreadable: 0,
      ofProduct: 8,
      members: 7,
      withoutArtifact: 1,
      heldBack: 0,
      served: 5,
      firstStage: { name: 'bench', tag: 'beta', devices: 2, served: 1 },
      notServed: [
        { rule: 'already-running', devices: 1 },
        { rule: 'no-artifact', devices: 1 },
      ],
      cohorts: [
        { hardware: 'cam-rev-b', from: '1.0.0', devices: 4, served: 4 },
        { hardware: 'cam-rev-a', devices: 1, served: 0 },
        { hardware: 'cam-rev-b', devices: 1, served: 1 },
        { hardware: 'cam-rev-b', from: '1.1.0', devices: 1, served: 0 },
      ],
      otherCohorts: 0,
    },
  });
});

test('a selector that picks nobody is seen before the launch', async () => {
  await device('cam-1');
  const nobody = { members: 0, served: 0, ofProduct: 1, firstStage: { devices: 0, served: 0 } };
  expect(await counted({ selector: 'tag("betta")' })).toMatchObject(nobody);
});

test('who waits in a hold-out is told apart, in that of the document and in that of the release', async () => {
  for (let n = 0; n < 40; n += 1) await device(`cam-${n}`);
  const holdOut = { share: '50%', for: '1d' };
  const own = await counted({ holdOut });
  expect(own.members + own.heldBack).toBe(40);
  expect(own.heldBack).toBeGreaterThan(5);
  const { rollout } = await create({ holdOut });
  await host.http('POST', `/rollouts/${rollout}/launch`);
  await host.settle();
  expect(await show(rollout)).toMatchObject({ members: own.members, holdOut: { heldBack: own.heldBack } });
  expect(await counted()).toMatchObject({ members: own.members, heldBack: own.heldBack });
});

test('devices of other tenants, and those that cannot be read, are nobody', async () => {
  await device('cam-1');
  await device('cam-2');
  await host.table('rollouts').write({ update: deviceKey('acme', 'cam-2'), set: { floor: 'none' } });
  await publishRelease(host, '1.1.0', 2, 'bolt');
  const document = quickDocument('cam/1.1.0');
  const { body } = await host.http('POST', '/rollouts', { document }, { tenant: 'bolt' });
  await host.settle();
  expect(await counted()).toMatchObject({ looked: 2, unreadable: 1, ofProduct: 1, members: 1 });
  const theirs = await host.http('GET', `/rollouts/${body.rollout}`, undefined, { tenant: 'bolt' });
  expect(theirs.body.preview.count).toMatchObject({ looked: 0, members: 0 });
});

test('the count of a draft widens and permits nothing: its launch has the members counted anew', async () => {
  const cam = await device('cam-1');
  const { rollout } = await create({ stages: [{ name: 'all', percent: 100 }] });
  await host.settle();
  expect(await kept(rollout)).toMatchObject({ members: 1 });
  expect(await host.table('rollouts').get([fleetKey(rollout)], { consistent: true })).toEqual([undefined]);
  await host.advance(10 * MINUTE_MS);
  expect(await show(rollout)).toMatchObject({ state: 'draft', members: 0 });
  expect(await cam.check()).toBeUndefined();
  await host.http('POST', `/rollouts/${rollout}/launch`);
  await host.settle();
  const launched = await show(rollout);
  expect(launched).toMatchObject({ state: 'running', members: 1 });
  expect(launched.preview).toBeUndefined();
});

test('a count that comes after the launch, or from before the one that is kept, changes nothing', async () => {
  const count = (rollout: string, preview: object, beganMs?: number) => {
    const message = { rollout, stage: 0, preview, ...(beganMs !== undefined && { beganMs }) };
    return host.invoke('countMembers', queueBatch([message], host.world.now()));
  };
  await device('cam-1');
  const { rollout } = await create();
  await host.settle();
  const first = await kept(rollout);
  await device('cam-2');
  await count(rollout, {}, host.world.now() - MINUTE_MS);
  expect(await kept(rollout)).toEqual(first);
  await host.advance(MINUTE_MS);
  await count(rollout, {});
  expect(await kept(rollout)).toMatchObject({ members: 2 });
  await host.http('POST', `/rollouts/${rollout}/launch`);
  await host.settle();
  const fleet = () => host.table('rollouts').get([fleetKey(rollout)], { consistent: true });
  const atLaunch = [await kept(rollout), await fleet()];
  await device('cam-3');
  await count(rollout, {});
  await host.settle();
  expect([await kept(rollout), await fleet()]).toEqual(atLaunch);
});

test('so many drafts are counted in a row, then one every three minutes; the others say so', async () => {
  const states: string[] = [];
  const make = async () => {
    const { rollout } = await create();
    await host.settle();
    const { preview } = await show(rollout);
    states.push(preview.state);
    return preview;
  };
  for (let n = 0; n < 20; n += 1) await make();
  const { reason } = await make();
  expect(states).toEqual([...Array(20).fill('counted'), 'not-counted']);
  expect(reason).toMatch(/^too many drafts were made: 20 are counted one after the other, then one in 3 min/);
  await host.advance(3 * MINUTE_MS);
  expect(await make()).toMatchObject({ state: 'counted' });
  expect(await make()).toMatchObject({ state: 'not-counted' });
});

test('a count that is lost, or that cannot be read, is told as none', async () => {
  const { rollout } = await create();
  await host.settle();
  await host.table('rollouts').write({ update: previewKey(rollout), set: { members: 'some' } });
  expect((await show(rollout)).preview).toEqual({
    state: 'not-counted',
    reason: 'what was counted cannot be read',
  });
  await host.table('rollouts').write({ delete: previewKey(rollout) });
  expect((await show(rollout)).preview).toEqual({ state: 'counting' });
  await host.advance(2 * MINUTE_MS);
  expect((await show(rollout)).preview).toEqual({ state: 'not-counted', reason: 'no count has come' });
});

test('the twenty largest cohorts are shown, and how many devices are in others', async () => {
  for (let n = 0; n < 25; n += 1) await (await device(`cam-${n}`, {}, `1.0.${n}`)).check();
  await (await device('cam-more', {}, '1.0.24')).check();
  const { cohorts, otherCohorts } = await counted();
  expect(cohorts).toHaveLength(20);
  expect(cohorts[0]).toMatchObject({ from: '1.0.24', devices: 2 });
  expect(otherCohorts).toBe(5);
});

describe('a draft that is counted again', () => {
  const again = (rollout: string, tenant = 'acme') =>
    host.http('POST', `/rollouts/${rollout}/preview`, undefined, { tenant });

  test('shows the count before until the new one has come, which knows who was tagged since', async () => {
    await device('cam-1');
    const { rollout } = await create({ selector: 'tag("beta")' });
    await host.settle();
    expect((await show(rollout)).preview).toMatchObject({ state: 'counted', count: { members: 0 } });
    await device('cam-1', { entityVersion: 2, tags: ['beta'] });
    await host.advance(MINUTE_MS);
    const { status, body } = await again(rollout);
    expect(status).toBe(200);
    expect(body.preview).toMatchObject({ state: 'counting', count: { members: 0 } });
    await host.settle();
    const { preview } = await show(rollout);
    expect(preview).toMatchObject({ state: 'counted', count: { members: 1 } });
    expect(preview.reason).toBeUndefined();
  });

  test('spends the ration of new drafts, and says when there is more', async () => {
    const { rollout } = await create();
    await host.settle();
    for (let n = 1; n < 20; n += 1) {
      expect((await again(rollout)).status).toBe(200);
      await host.settle();
    }
    const { status, body } = await again(rollout);
    expect(status).toBe(409);
    expect(body.error).toMatchObject({
      field: 'rollout',
      rule: expect.stringMatching(
        /^cannot count again before 20\S+Z: too many drafts were counted; 20 are counted one after the other, then/,
      ),
    });
    const [, againAt = ''] = /before (\S+Z)/.exec(body.error.rule) ?? [];
    await host.advance(Date.parse(againAt) - host.world.now() - 1);
    expect((await again(rollout)).status).toBe(409);
    await host.advance(1);
    expect((await again(rollout)).status).toBe(200);
  });

  test('spends nothing while a count is under way', async () => {
    const { rollout } = await create();
    await host.settle();
    const ration = () => host.table('rollouts').get([previewsKey('acme')], { consistent: true });
    const before = await ration();
    await host.advance(MINUTE_MS);
    await host.table('rollouts').write({ update: previewKey(rollout), set: { askedMs: host.world.now() } });
    expect((await again(rollout)).body.preview.state).toBe('counting');
    expect(await ration()).toEqual(before);
  });

  test('is counted also where its first count was left out, lost or cannot be read', async () => {
    await device('cam-1');
    for (let n = 0; n < 20; n += 1) await create();
    const { rollout } = await create();
    await host.settle();
    expect((await show(rollout)).preview.state).toBe('not-counted');
    for (const broken of [undefined, { set: { members: 'some' } }, 'deleted'] as const) {
      if (broken === 'deleted') await host.table('rollouts').write({ delete: previewKey(rollout) });
      else if (broken) await host.table('rollouts').write({ update: previewKey(rollout), ...broken });
      await host.advance(3 * MINUTE_MS);
      expect((await show(rollout)).preview.state).toBe('not-counted');
      expect((await again(rollout)).body.preview).toEqual({ state: 'counting' });
      await host.settle();
      expect((await show(rollout)).preview).toMatchObject({ state: 'counted', count: { members: 1 } });
    }
  });

  test('goes back to the count before, and says so, where the new one is lost', async () => {
    await device('cam-1');
    const { rollout } = await create();
    await host.settle();
    await host.advance(MINUTE_MS);
    await host.table('rollouts').write({ update: previewKey(rollout), set: { askedMs: host.world.now() } });
    expect((await show(rollout)).preview).toMatchObject({ state: 'counting', count: { members: 1 } });
    await host.advance(2 * MINUTE_MS);
    expect((await show(rollout)).preview).toMatchObject({
      state: 'counted',
      reason: 'the count that was asked for since has not come',
      count: { members: 1 },
    });
  });

  test('is a draft of the own tenant', async () => {
    const { rollout } = await create();
    expect((await again(rollout, 'bolt')).status).toBe(404);
    await host.settle();
    await host.http('POST', `/rollouts/${rollout}/launch`);
    const { status, body } = await again(rollout);
    expect([status, body.error.rule]).toEqual([
      409,
      'cannot count again: it is running and no draft any more',
    ]);
  });
});
