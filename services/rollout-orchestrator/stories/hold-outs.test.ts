import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { isInHoldOut } from '../domain/holdout/hold-out.ts';
import { releaseKey } from '../stores/keys.ts';
import { quickDocument } from '../testing/documents.ts';
import { publishRelease } from '../testing/releases.ts';
import { ScriptedDevice } from '../testing/scripted-device.ts';

const RELEASE = 'cam/1.1.0';
const ALL = [{ name: 'all', percent: '100%' }];
const HOLD_OUT = { share: '20%', for: '2h' };
const HOUR_MS = 3_600_000;
const NAMES = Array.from({ length: 12 }, (_, n) => `cam-${n}`);
const isHeld = (name: string) => isInHoldOut({ product: 'cam', sequence: 2 }, name, 200_000);

describe('a release with a hold-out', () => {
  let host: TestHost;
  const devices = new Map<string, ScriptedDevice>();
  const held = () => NAMES.filter(isHeld).map((name) => devices.get(name) as ScriptedDevice);
  const others = () =>
    NAMES.filter((name) => !isHeld(name)).map((name) => devices.get(name) as ScriptedDevice);

  beforeEach(async () => {
    host = await startTestHost({ services: ['rollout-orchestrator'] });
    for (const name of NAMES) {
      const device = new ScriptedDevice(host, name);
      devices.set(name, device);
      await device.register({ tags: ['internal'] });
    }
    await publishRelease(host, '1.1.0', 2);
  });
  afterEach(() => host.stop());

  const create = (overrides: object) =>
    host.http('POST', '/rollouts', { document: quickDocument(RELEASE, { stages: ALL, ...overrides }) });
  const launch = (rollout: string) => host.http('POST', `/rollouts/${rollout}/launch`);
  const show = async (rollout: string) => (await host.http('GET', `/rollouts/${rollout}`)).body;
  const abort = (rollout: string) => host.http('POST', `/rollouts/${rollout}/abort`, { reason: 'enough' });

  async function launched(overrides: object): Promise<string> {
    const { body } = await create(overrides);
    expect(await launch(body.rollout)).toMatchObject({ status: 200 });
    await host.settle();
    return body.rollout;
  }

  /** Offers and permits that devices get, as the answers to a check and to a request. */
  async function served(device: ScriptedDevice, rollout: string): Promise<readonly unknown[]> {
    const offer = await device.check();
    device.rollout = rollout;
    const permit = await device.requestPermit(RELEASE);
    return [offer?.release, permit?.answer];
  }

  test('is held back from some, who do not count as members, and serves all others', async () => {
    expect([held().length, others().length]).toEqual([2, 10]);
    const launchedMs = host.world.now();
    const rollout = await launched({ holdOut: HOLD_OUT });
    expect(await show(rollout)).toMatchObject({
      document: { holdOut: HOLD_OUT },
      members: 10,
      holdOut: { share: '20%', untilMs: launchedMs + 2 * HOUR_MS, heldBack: 2 },
      stages: [{ ceiling: 10 }],
    });
    for (const device of held()) expect(await served(device, rollout)).toEqual([undefined, 'wait']);
    for (const device of others().slice(0, 3))
      expect(await served(device, rollout)).toEqual([RELEASE, 'granted']);
    const { body } = await host.http('GET', `/devices/${held()[0]?.deviceId}/why`);
    expect(body).toMatchObject({
      decision: 'nothing',
      rollouts: [
        {
          rule: 'held-out',
          explanation: expect.stringMatching(/^it is in the hold-out of cam\/1.1.0 until 2/),
          change: 'wait for the last stage',
        },
      ],
    });
  });

  test('binds the tag stage and every other rollout of the release, after an abort too', async () => {
    const first = await launched({ holdOut: HOLD_OUT });
    await abort(first);
    const tagged = [{ name: 'bench', tag: 'internal', gate: { bake: '1h' } }, ...ALL];
    const second = await launched({ stages: tagged });
    expect(await show(second)).toMatchObject({ holdOut: { heldBack: 2 } });
    for (const device of held()) expect(await served(device, second)).toEqual([undefined, 'wait']);
    const [other] = others() as [ScriptedDevice];
    expect(await served(other, second)).toEqual([RELEASE, 'granted']);
  });

  test('is given to the hold-out after its end, when the rollout completes at last', async () => {
    const rollout = await launched({ holdOut: HOLD_OUT, settle: '10m' });
    for (const device of others()) await update(device);
    await host.advance(HOUR_MS);
    expect(await show(rollout)).toMatchObject({ state: 'running', counts: { good: 10 } });
    await host.advance(HOUR_MS + 60_000);
    expect(await show(rollout)).toMatchObject({ state: 'running', members: 12, stages: [{ ceiling: 12 }] });
    for (const device of held()) await update(device);
    await host.advance(60_000);
    expect(await show(rollout)).toMatchObject({ state: 'completed', counts: { good: 12 } });
  });

  test('waits for its last stage even when the hold-out is over', async () => {
    const stages = [{ name: 'first', count: 11, gate: { bake: '1s', minConfirmed: 5 } }, ...ALL];
    const rollout = await launched({ holdOut: { share: '20%', for: '10s' }, stages });
    await host.advance(20_000);
    for (const device of held()) expect(await served(device, rollout)).toEqual([undefined, 'wait']);
    await host.http('POST', `/rollouts/${rollout}/advance`, { reason: 'bench is fine' });
    await host.settle();
    for (const device of held()) expect(await served(device, rollout)).toEqual([RELEASE, 'granted']);
  });

  test('has one hold-out, from its first rollout', async () => {
    const first = await launched({ holdOut: HOLD_OUT });
    const refused = {
      status: 409,
      body: { error: { field: 'holdOut', rule: expect.stringMatching(/^must be left out: cam\/1.1.0 has/) } },
    };
    expect(await create({ holdOut: HOLD_OUT, settle: '2h' })).toMatchObject(refused);
    expect(await launch(first)).toMatchObject({ status: 409, body: { error: { field: 'rollout' } } });
    // Who makes the very same document again finds the rollout of it, and is refused with a second one.
    const again = await create({ holdOut: HOLD_OUT });
    expect(again.status).toBe(201);
    expect(await launch(again.body.rollout)).toMatchObject(refused);
    await abort(first);
    expect(await launch(again.body.rollout)).toMatchObject(refused);
  });

  test('has that of the next draft of the same document, where a launch was cut off right after it was written', async () => {
    const cutOff = (await create({ holdOut: HOLD_OUT })).body.rollout;
    const key = releaseKey('acme', 'cam', '1.1.0');
    const untilMs = host.world.now() + 2 * HOUR_MS;
    await host
      .table('rollouts')
      .write({ update: key, set: { heldShare: 200_000, heldUntilMs: untilMs, heldBy: cutOff } });
    const rollout = await launched({ holdOut: HOLD_OUT });
    expect(await show(rollout)).toMatchObject({ members: 10, holdOut: { share: '20%', heldBack: 2 } });
    for (const device of held()) expect(await served(device, rollout)).toEqual([undefined, 'wait']);
    expect(await launch(cutOff)).toMatchObject({ status: 409, body: { error: { field: 'holdOut' } } });
  });

  test('gets none any more while it is served without one', async () => {
    const draft = (await create({ holdOut: HOLD_OUT })).body.rollout;
    const running = await launched({});
    expect(await launch(draft)).toMatchObject({
      status: 409,
      body: { error: { field: 'holdOut', rule: expect.stringMatching(/^cannot begin: rollout /) } },
    });
    for (const device of held()) expect(await served(device, running)).toEqual([RELEASE, 'granted']);
    await abort(running);
    expect(await launch(draft)).toMatchObject({
      status: 409,
      body: { error: { rule: expect.stringMatching(/and it or an attempt of it is not over$/) } },
    });
  });

  test('is not given to anybody when its hold-out cannot be read', async () => {
    const rollout = await launched({ holdOut: HOLD_OUT });
    const key = releaseKey('acme', 'cam', '1.1.0');
    await host.table('rollouts').write({ update: key, set: { heldShare: 'some' } });
    await host.advance(10_000);
    const [device] = others() as [ScriptedDevice];
    expect(await served(device, rollout)).toEqual([undefined, undefined]);
  });

  /** Goes through an update, to its proof. */
  async function update(device: ScriptedDevice): Promise<void> {
    await device.check();
    expect(await device.requestPermit(RELEASE)).toMatchObject({ answer: 'granted' });
    await device.install('1.1.0');
    device.boots('1.1.0');
    await device.check();
    await host.advance(15_000);
  }
});
