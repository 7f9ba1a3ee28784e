import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { NOTED_AFTER_MS } from '../../domain/inventory.ts';
import { batch, entriesOf, inventory, register } from '../../testing/events.ts';

const NOON_MS = 1_780_000_000_000;
const THING = 'acme:cam-0001';
const YEAR_MS = 365 * 86_400_000;

describe('an inventory', () => {
  let host: TestHost;
  let certificate: string;
  beforeEach(async () => {
    host = await startTestHost({ services: ['device-registry'], strict: true });
    certificate = await register(host);
  });
  afterEach(() => host.stop());

  const say = (attributes: unknown, atMs: number) => inventory(THING, certificate, attributes, atMs);
  const deliver = (...messages: unknown[]) => host.invoke('recordInventory', batch(...messages));
  const device = async () => (await host.http('GET', '/devices/cam-0001')).body;
  const told = async () => (await entriesOf(host, 'outbox')).map(({ detail }) => detail);
  const refusals = () => host.deviceMessages(THING).map(({ json }) => json);

  test('goes from the device over rule and queue into the registry and onto the bus', async () => {
    await host.publishFromDevice(THING, 'inventory', { v: 1, attributes: { region: 'eu' } }, certificate);
    await host.advance(60_000);
    expect((await device()).attributes).toEqual({ region: 'eu' });
    expect(host.events.some(({ detail }) => Object(detail.attributes).region === 'eu')).toBe(true);
  });

  test('replaces the attributes whole and tells the bus, without an audit entry', async () => {
    await deliver(say({ region: 'eu', slots: 2 }, NOON_MS + 1));
    await deliver(say({ region: 'us', battery: true }, NOON_MS + 2));
    const attributes = { region: 'us', battery: true };
    expect(await device()).toMatchObject({ entityVersion: 3, attributes });
    expect((await device()).attributes).toEqual(attributes);
    expect((await told())[2]).toMatchObject({ entityVersion: 3, attributes });
    expect(await entriesOf(host, 'audit')).toHaveLength(1);
  });

  test('that says nothing new writes nothing, in whatever order it says it', async () => {
    await deliver(say({ region: 'eu', slots: 2 }, NOON_MS + 1));
    await deliver(say({ slots: 2, region: 'eu' }, NOON_MS + 2));
    expect(await told()).toHaveLength(2);
  });

  test('that says nothing new a day later is noted and told to nobody: one from between comes too late', async () => {
    await deliver(say({ region: 'eu' }, NOON_MS));
    const { entityVersion } = await device();
    await deliver(say({ region: 'eu' }, NOON_MS + NOTED_AFTER_MS));
    await deliver(say({ region: 'old' }, NOON_MS + NOTED_AFTER_MS - 1));
    expect(await device()).toMatchObject({ attributes: { region: 'eu' }, entityVersion });
    expect(await told()).toHaveLength(2);
    await deliver(say({ region: 'new' }, NOON_MS + NOTED_AFTER_MS + 1));
    expect(await device()).toMatchObject({ attributes: { region: 'new' }, entityVersion: entityVersion + 1 });
  });

  test('that was overtaken by a newer one is dropped', async () => {
    await deliver(say({ region: 'new' }, NOON_MS + 2));
    await deliver(say({ region: 'old' }, NOON_MS + 1));
    expect((await device()).attributes).toEqual({ region: 'new' });
  });

  test('takes the place of one from while the clock of the host was a year ahead', async () => {
    const tell = (region: string) =>
      host.publishFromDevice(THING, 'inventory', { v: 1, attributes: { region } }, certificate);
    host.world.putClock(YEAR_MS);
    await tell('eu');
    await host.advance(60_000);
    expect((await device()).attributes).toEqual({ region: 'eu' });
    host.world.putClock(-YEAR_MS);
    await tell('us');
    await host.advance(60_000);
    expect((await device()).attributes).toEqual({ region: 'us' });
  });

  test('counts before one in its batch from while the clock was ahead', async () => {
    const nowMs = host.world.now();
    await deliver(say({ n: 2 }, nowMs + YEAR_MS), say({ n: 3 }, nowMs), say({ n: 1 }, nowMs + YEAR_MS - 1));
    expect((await device()).attributes).toEqual({ n: 3 });
  });

  test('counts once for several of one device in a batch: the newest', async () => {
    await deliver(say({ n: 1 }, NOON_MS + 1), say({ n: 3 }, NOON_MS + 3), say({ n: 2 }, NOON_MS + 2));
    expect(await device()).toMatchObject({ attributes: { n: 3 }, entityVersion: 2 });
  });

  test('comes again, alone, when somebody else was writing the device', async () => {
    const stranger = inventory('acme:stranger', certificate, {}, NOON_MS + 1);
    const outcomes = await Promise.all([
      deliver(stranger, say({ n: 1 }, NOON_MS + 1)),
      deliver(stranger, say({ n: 2 }, NOON_MS + 2)),
    ]);
    expect(outcomes).toContainEqual({ batchItemFailures: [] });
    expect(outcomes).toContainEqual({ batchItemFailures: [{ itemIdentifier: '1' }] });
    await deliver(say({ n: 1 }, NOON_MS + 1), say({ n: 2 }, NOON_MS + 2));
    expect((await device()).attributes).toEqual({ n: 2 });
  });

  test('of a device that is not registered is refused', async () => {
    await deliver(inventory('acme:stranger', certificate, {}, NOON_MS + 1));
    expect(host.deviceMessages('acme:stranger')).toMatchObject([
      { topic: 'ek/acme:stranger/refused', json: { field: 'device', rule: 'must be registered' } },
    ]);
  });

  test('with another certificate than the device was registered with is refused', async () => {
    await deliver(inventory(THING, 'f'.repeat(64), { n: 1 }, NOON_MS + 1));
    expect(refusals()).toMatchObject([{ message: 'inventory', field: 'certificate' }]);
    expect((await device()).attributes).toEqual({});
  });

  test('is kept beside a newer one of a certificate that is not in service', async () => {
    const stranger = inventory(THING, 'f'.repeat(64), { n: 2 }, NOON_MS + 2);
    await deliver(say({ n: 1 }, NOON_MS + 1), stranger);
    expect(refusals()).toMatchObject([{ message: 'inventory', field: 'certificate' }]);
    expect((await device()).attributes).toEqual({ n: 1 });
  });

  test('with a number of minus nought is the same as one of nought', async () => {
    await deliver(say({ drift: 0 }, NOON_MS + 1));
    const { entityVersion } = await device();
    const minus = { ...say({}, NOON_MS + 2) };
    minus.payload = Buffer.from('{"v":1,"attributes":{"drift":-0}}').toString('base64');
    await deliver(minus);
    expect((await device()).entityVersion).toBe(entityVersion);
  });

  test('of a decommissioned device is refused', async () => {
    await host.http('DELETE', '/devices/cam-0001');
    await deliver(say({ n: 1 }, NOON_MS + 1));
    expect(refusals()).toMatchObject([{ field: 'device', rule: 'must not be decommissioned' }]);
  });

  test('that breaks a rule is refused by name, and the good ones beside it are kept', async () => {
    const bad: [string, unknown][] = [
      ['attributes', undefined],
      ['attributes', Object.fromEntries(Array.from({ length: 33 }, (_, at) => [`a${at}`, at]))],
      ['attributes.Region', { Region: 'eu' }],
      ['attributes.text', { text: 'x'.repeat(129) }],
      ['attributes.nested', { nested: { deep: true } }],
      ['attributes.torn', { torn: '\ud800' }],
      ['attributes.huge', { huge: 1e121 }],
      ['attributes.tiny', { tiny: -1e-121 }],
    ];
    const messages = bad.map(([, attributes]) => say(attributes, NOON_MS + 2));
    const outcome = await deliver(...messages, say({ n: 0, most: 1e120 }, NOON_MS + 1));
    expect(outcome).toEqual({ batchItemFailures: [] });
    expect(refusals().map((json) => Object(json).field)).toEqual(bad.map(([field]) => field));
    const rule = 'names must be 1 to 32 of a-z, 0-9 and _, and begin with a letter';
    expect(refusals()).toContainEqual({ v: 1, message: 'inventory', field: 'attributes.Region', rule });
    expect((await device()).attributes).toEqual({ n: 0, most: 1e120 });
  });
});
