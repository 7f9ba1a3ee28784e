import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { DeviceChanged } from '#shared/contracts/events/device-changed.ts';
import { thingOf } from '#shared/contracts/names.ts';
import { deviceBucket } from '../domain/order/rank.ts';
import { CohortStore } from '../stores/cohort-store.ts';
import { DeviceStore } from '../stores/device-store.ts';
import { isUnreadableDevice } from '../stores/unreadable-device.ts';
import { quickDocument } from '../testing/documents.ts';
import { draftAndLaunch } from '../testing/draft-and-launch.ts';
import { nextId } from '../testing/next-id.ts';
import { publishRelease } from '../testing/releases.ts';
import { ScriptedDevice } from '../testing/scripted-device.ts';

const RELEASE = 'cam/1.1.0';

describe('a device that says what is not so', () => {
  let host: TestHost;

  beforeEach(async () => {
    host = await startTestHost({ services: ['rollout-orchestrator'] });
    await publishRelease(host, '1.1.0', 2);
  });

  afterEach(() => host.stop());

  const launch = (): Promise<string> => {
    const whole = { stages: [{ name: 'all', percent: '100%' }], pace: { firstWindow: 1 } };
    return draftAndLaunch(host, quickDocument(RELEASE, whole));
  };
  const counts = async (rollout: string) => (await host.http('GET', `/rollouts/${rollout}`)).body.counts;

  test('uses up no cohorts while it waits for its permit', async () => {
    const [first, liar] = ['cam-1', 'cam-2'].map((id) => new ScriptedDevice(host, id)) as [
      ScriptedDevice,
      ScriptedDevice,
    ];
    for (const device of [first, liar]) await device.register();
    const rollout = await launch();
    for (const device of [first, liar]) await device.check();
    expect(await first.requestPermit(RELEASE)).toMatchObject({ answer: 'granted' });
    for (let version = 0; version < 5; version += 1) {
      liar.version = `0.0.${version}`;
      expect(await liar.requestPermit(RELEASE)).toMatchObject({ answer: 'wait' });
    }
    const cohorts = await new CohortStore(host.table('rollouts')).list(rollout);
    expect(cohorts.map(({ from }) => from)).toEqual(['1.0.0']);
  });

  test('opens one cohort with permits that it lets lapse, whatever it says it runs', async () => {
    const liar = new ScriptedDevice(host, 'cam-1');
    await liar.register();
    const rollout = await launch();
    for (let version = 0; version < 4; version += 1) {
      liar.version = `0.0.${version}`;
      await liar.check();
      expect(await liar.requestPermit(RELEASE)).toMatchObject({ answer: 'granted' });
      await host.advance(15 * 60_000);
    }
    expect(await counts(rollout)).toMatchObject({ granted: 0, void: 4 });
    const cohorts = await new CohortStore(host.table('rollouts')).list(rollout);
    expect(cohorts.map(({ from }) => from)).toEqual(['0.0.0']);
    const honest = new ScriptedDevice(host, 'cam-2', '0.0.2');
    await honest.register();
    await honest.check();
    expect(await honest.requestPermit(RELEASE)).toMatchObject({ answer: 'granted' });
    expect((await new CohortStore(host.table('rollouts')).list(rollout)).map(({ from }) => from)).toEqual([
      '0.0.0',
      '0.0.2',
    ]);
  });

  test('moves no attempt of another tenant, though its name lies in the same place', async () => {
    const id = Array.from({ length: 5_000 }, (_, n) => `cam-${n}`).find(
      (name) => deviceBucket(thingOf('acme', name)) === deviceBucket(thingOf('evil', name)),
    );
    if (id === undefined) throw new Error('no two names lie in the same place');
    const device = new ScriptedDevice(host, id);
    await device.register();
    const rollout = await launch();
    await device.check();
    await device.askToBegin(RELEASE, 1);
    await host.advance(4 * 3_600_000);
    expect(await counts(rollout)).toMatchObject({ lost: 1, recovered: 0 });

    const { source, type } = DeviceChanged;
    const facts = { deviceId: id, entityVersion: 1, product: 'cam', hardware: 'cam-rev-b' };
    const of = { id: nextId(), v: 1, tenant: 'evil', atMs: host.world.now() };
    const detail = { ...of, ...facts, tags: [], attributes: {}, decommissioned: false };
    await host.invoke('onDeviceChanged', { source, 'detail-type': type, detail });
    const devices = new DeviceStore(host.table('rollouts'));
    const record = await devices.read('evil', id, { consistent: true });
    if (isUnreadableDevice(record)) throw record.unreadable;
    // It remembers as many rollouts as it may, so that any other might have been forgotten.
    await devices.change(record, {
      tried: Object.fromEntries(Array.from({ length: 20 }, () => [nextId(), 1])),
    });
    await host.publishFromDevice(`evil:${id}`, 'report', {
      v: 1,
      nonce: 'nonce-evil-1',
      hardware: 'cam-rev-b',
      components: { main: { version: '1.1.0' } },
      bootId: 'boot-evil-1',
      confirmed: true,
      last: { rollout, attempt: device.attempt, state: 'rebooting', seq: 1 },
    });
    await host.settle();
    expect(await counts(rollout)).toMatchObject({ lost: 1, recovered: 0 });
  });

  const CHECK = {
    v: 1,
    nonce: 'nonce-check',
    hardware: 'cam-rev-b',
    components: { main: { version: '1.0.0' } },
    bootId: 'boot-0001',
    confirmed: true,
  };
  const components = { main: { version: '1.0.0' }, 'Main Board': { version: '1' } };
  const names = { field: 'components.Main Board', rule: 'names must be 1 to 32 of a-z, 0-9, ., _ and -' };
  test.each([
    ['check', { ...CHECK, hardware: 'cam-rev-c' }, { field: 'hardware' }],
    ['check', { ...CHECK, components }, names],
    ['report', { ...CHECK, components }, names],
    ['permit', { ...CHECK, components }, names],
    ['permit', { v: 1, nonce: CHECK.nonce, rollout: '1' }, { field: 'rollout' }],
  ] as const)('is told which %s was refused, and by which rule (%#)', async (kind, body, refusal) => {
    const device = new ScriptedDevice(host, 'cam-1');
    await device.register();
    await host.publishFromDevice(device.thing, kind, body);
    await host.settle();
    const told = host.deviceMessages(device.thing).map(({ json }) => json);
    expect(told).toMatchObject([{ message: kind, nonce: CHECK.nonce, ...refusal }]);
  });

  test('is refused by field and rule where its hardware is another, also while a rollout runs', async () => {
    const device = new ScriptedDevice(host, 'cam-1');
    await device.register();
    await launch();
    await host.publishFromDevice(device.thing, 'check', { ...CHECK, hardware: 'cam-rev-z' });
    await host.settle();
    expect(host.deviceMessages(device.thing).at(-1)?.json).toMatchObject({
      message: 'check',
      field: 'hardware',
    });
  });
});
