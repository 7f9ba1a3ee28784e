import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import type { Item, Key, Value } from '#shared/capabilities/table.ts';
import { ConflictError, ThrottledError } from '#shared/errors/errors.ts';
import { deviceKey, gateKey, HEARING_KEY, rolloutKey } from '../../stores/keys.ts';
import { ALL_AT_ONCE, quickDocument } from '../../testing/documents.ts';
import { draftAndLaunch } from '../../testing/draft-and-launch.ts';
import { failWrites } from '../../testing/failing-writes.ts';
import { publishRelease } from '../../testing/releases.ts';
import { ScriptedDevice } from '../../testing/scripted-device.ts';

const DEVICES = 4;
/** Longer than a report is hidden before it is delivered again. */
const HIDDEN_MS = 200_000;

describe('a batch of reports', () => {
  let host: TestHost;
  let rollout: string;
  let devices: ScriptedDevice[];
  let first: ScriptedDevice;

  beforeEach(async () => {
    host = await startTestHost({ services: ['rollout-orchestrator'] });
    devices = Array.from({ length: DEVICES }, (_, n) => new ScriptedDevice(host, `cam-${n}`));
    [first] = devices as [ScriptedDevice];
    for (const device of devices) await device.register();
    await publishRelease(host, '1.1.0', 2);
    rollout = await draftAndLaunch(host, quickDocument('cam/1.1.0', ALL_AT_ONCE));
    for (const device of devices) await device.check();
    for (const device of devices) await device.requestPermit('cam/1.1.0');
  });
  afterEach(() => host.stop());

  const isOf = (device: ScriptedDevice, key: Key) => {
    const own = deviceKey('acme', device.deviceId);
    return key.pk === own.pk && key.sk === own.sk;
  };
  const say = (device: ScriptedDevice, of = rollout) =>
    host.publishFromDevice(device.thing, 'report', {
      v: 1,
      rollout: of,
      attempt: device.attempt,
      hardware: 'cam-rev-b',
      target: '1.1.0',
      bootId: 'boot-0001',
      events: [{ seq: 1, state: 'installing', uptimeMs: 1 }],
    });
  const sayAll = async () => {
    await Promise.all(devices.map((device) => say(device)));
    await host.advance(20_000);
  };
  const acknowledged = () =>
    devices
      .filter(({ thing }) => host.deviceMessages(thing).some(({ topic }) => topic.endsWith('/ack')))
      .map(({ deviceId }) => deviceId);
  const allBut = (device: ScriptedDevice) =>
    devices.map(({ deviceId }) => deviceId).filter((deviceId) => deviceId !== device.deviceId);
  const itemOf = async ({ deviceId }: ScriptedDevice): Promise<Item> =>
    (await host.table('rollouts').get([deviceKey('acme', deviceId)], { consistent: true }))[0] ?? {};
  const setOpen = ({ deviceId }: ScriptedDevice, open: Value) =>
    host.table('rollouts').write({ update: deviceKey('acme', deviceId), set: { open } });
  /** The versions that devices are known to run. */
  const running = async (all: readonly ScriptedDevice[]) =>
    Promise.all(all.map(async (device) => ((await itemOf(device)).running as Item | undefined)?.version));
  /** When all silence clocks last began again. */
  const resumedAtMs = async () =>
    (await host.table('rollouts').get([HEARING_KEY], { consistent: true }))[0]?.resumedAtMs;
  const counts = async () => (await host.http('GET', `/rollouts/${rollout}`)).body.counts;

  test.each([
    ['conflicts', new ConflictError('a permit is being granted')],
    ['is throttled', new ThrottledError('its partition is hot')],
  ])('is applied but for the device whose item %s, which comes again alone', async (_, error) => {
    const failing = failWrites(host, (key) => (isOf(first, key) ? error : undefined));
    await sayAll();
    expect(acknowledged()).toEqual(allBut(first));
    expect(host.lines).toContainEqual(
      expect.objectContaining({ message: 'facts of a device could not be applied', thing: first.thing }),
    );
    failing.mend();
    await host.advance(HIDDEN_MS);
    expect(acknowledged()).toHaveLength(DEVICES);
    expect(await counts()).toMatchObject({ installing: DEVICES });
    expect(await host.deadLetters()).toEqual([]);
    expect(await resumedAtMs()).toBeUndefined();
  });

  test('is applied whole when an item conflicts a few times, and nobody takes it for silence', async () => {
    let left = 5;
    failWrites(host, (key) =>
      isOf(first, key) && left-- > 0 ? new ConflictError('a permit is being granted') : undefined,
    );
    await sayAll();
    expect(acknowledged()).toHaveLength(DEVICES);
    await host.advance(HIDDEN_MS);
    expect(await resumedAtMs()).toBeUndefined();
  });

  test('of devices that only tell what they run is applied when the item of one conflicts a few times', async () => {
    const others = Array.from({ length: DEVICES }, (_, n) => new ScriptedDevice(host, `other-${n}`, '0.9.0'));
    for (const device of others) await device.register();
    const [one] = others as [ScriptedDevice];
    let left = 5;
    failWrites(host, (key) =>
      isOf(one, key) && left-- > 0 ? new ConflictError('a permit is being granted') : undefined,
    );
    await Promise.all(
      others.map((device) => host.publishFromDevice(device.thing, 'report', device.askingCheck(1))),
    );
    await host.advance(20_000);
    expect(left).toBeLessThan(0);
    expect(await running(others)).toEqual(others.map(() => '0.9.0'));
  });

  test('of devices that only tell what they run is applied but for the one whose item always conflicts', async () => {
    const others = Array.from({ length: DEVICES }, (_, n) => new ScriptedDevice(host, `other-${n}`, '0.9.0'));
    for (const device of others) await device.register();
    const [one] = others as [ScriptedDevice];
    const failing = failWrites(host, (key) =>
      isOf(one, key) ? new ConflictError('a permit is being granted') : undefined,
    );
    await Promise.all(
      others.map((device) => host.publishFromDevice(device.thing, 'report', device.askingCheck(1))),
    );
    await host.advance(20_000);
    expect(await running(others)).toEqual([undefined, '0.9.0', '0.9.0', '0.9.0']);
    failing.mend();
    await host.advance(HIDDEN_MS);
    expect(await running(others)).toEqual(others.map(() => '0.9.0'));
  });

  test.each([
    ['gate', (of: string) => ({ update: gateKey(of), set: { state: 'nonsense' } })],
    ['document', (of: string) => ({ update: rolloutKey(of), set: { document: 'nonsense' } })],
  ])(
    'is applied but for those of a rollout whose %s cannot be read, which stop nobody',
    async (_, breaking) => {
      const document = quickDocument('cam/1.1.0', { stages: [{ name: 'all', percent: '100%' }] });
      const { body } = await host.http('POST', '/rollouts', { document });
      const { open } = await itemOf(first);
      await setOpen(first, { ...(open as Item), rollout: body.rollout });
      await host.table('rollouts').write(breaking(body.rollout));
      await Promise.all(devices.map((device) => say(device, device === first ? body.rollout : rollout)));
      await host.advance(20_000);
      expect(acknowledged()).toEqual(allBut(first));
      expect(await host.deadLetters()).toHaveLength(1);
      await host.advance(HIDDEN_MS);
      const [hearing] = await host.table('rollouts').get([HEARING_KEY], { consistent: true });
      expect(hearing?.resumedAtMs).toBeUndefined();
    },
  );

  test('is acknowledged to all others when one device cannot be told', async () => {
    const { publish } = host.link;
    host.link.publish = (topic, payload) =>
      topic.startsWith(`ek/${first.thing}/`)
        ? Promise.reject(new ThrottledError('too many publishes'))
        : publish.call(host.link, topic, payload);
    await sayAll();
    expect(acknowledged()).toEqual(allBut(first));
    host.link.publish = publish;
    await host.advance(HIDDEN_MS);
    expect(acknowledged()).toHaveLength(DEVICES);
  });

  test('fails as a whole when every device of it fails: that alarms, and takes a deployment back', async () => {
    failWrites(host, ({ pk }) => (pk.startsWith('D#') ? new ThrottledError('the table is hot') : undefined));
    await sayAll();
    expect(acknowledged()).toEqual([]);
    expect(host.lines).toContainEqual(expect.objectContaining({ message: 'a queue batch failed' }));
  });
});
