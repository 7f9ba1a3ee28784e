import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ConflictError } from '#shared/errors/errors.ts';
import { batch, inventory, request } from '../../testing/events.ts';
import { openRegistryHome, type RegistryHome } from '../../testing/registry-home.ts';
import { handler as decommission } from '../decommission-device/handler.ts';
import { handler as get } from '../get-device/handler.ts';
import { handler as register } from '../register-device/handler.ts';
import { handler } from './handler.ts';

const THING = 'acme:cam-0001';
const params = { deviceId: 'cam-0001' };

describe('an inventory', () => {
  let home: RegistryHome;
  let certificate: string;
  beforeEach(async () => {
    home = openRegistryHome();
    const body = { ...params, product: 'cam', hardware: 'cam-rev-b' };
    const answer = await home.invoke(register, request({ body }));
    certificate = JSON.parse(answer.body).certificateId;
  });
  afterEach(() => home.close());

  const say = (attributes: unknown, atMs: number) => inventory(THING, certificate, attributes, atMs);
  const deliver = (...messages: unknown[]) => home.invoke(handler, batch(messages));
  async function device() {
    return JSON.parse((await home.invoke(get, request({ params }))).body);
  }

  test('replaces the attributes whole and tells the bus, without an audit entry', async () => {
    await deliver(say({ region: 'eu', slots: 2 }, 1000));
    await deliver(say({ region: 'us', battery: true }, 2000));
    expect(await device()).toMatchObject({ entityVersion: 3, attributes: { region: 'us', battery: true } });
    const told = home.changes().flatMap(({ after }) => (after?.detail ? [after.detail] : []));
    expect(told.at(-1)).toMatchObject({ entityVersion: 3, attributes: { region: 'us', battery: true } });
    expect(home.changes().filter(({ after }) => String(after?.sk).startsWith('audit#'))).toHaveLength(1);
  });

  test('that says nothing new writes nothing, in whatever order it says it', async () => {
    await deliver(say({ region: 'eu', slots: 2 }, 1000));
    const changes = home.changes().length;
    await deliver(say({ slots: 2, region: 'eu' }, 2000));
    expect(home.changes()).toHaveLength(changes);
  });

  test('that was overtaken by a newer one is dropped', async () => {
    await deliver(say({ region: 'new' }, 2000));
    await deliver(say({ region: 'old' }, 1000));
    expect((await device()).attributes).toEqual({ region: 'new' });
  });

  test('counts once for several of one device in a batch: the newest', async () => {
    await deliver(say({ n: 1 }, 1000), say({ n: 3 }, 3000), say({ n: 2 }, 2000));
    expect(await device()).toMatchObject({ attributes: { n: 3 }, entityVersion: 2 });
  });

  test('comes again when somebody else was writing the device, and nothing else does', async () => {
    home.beforeWrite = async () => {
      throw new ConflictError('met another write');
    };
    const refusedToo = inventory('acme:stranger', certificate, {}, 1000);
    const { batchItemFailures } = await deliver(say({ n: 1 }, 1000), refusedToo);
    expect(batchItemFailures).toEqual([{ itemIdentifier: '0' }]);
  });

  const refusals = () => home.published.map(({ topic, message }) => [topic, message.field, message.rule]);

  test('of a device that is not registered is refused', async () => {
    await deliver(inventory('acme:stranger', certificate, {}, 1000));
    expect(refusals()).toEqual([['ek/acme:stranger/refused', 'device', 'must be registered']]);
  });

  test('with another certificate than the device was registered with is refused', async () => {
    await deliver(inventory(THING, 'f'.repeat(64), { n: 1 }, 1000));
    expect(refusals()).toEqual([
      [`ek/${THING}/refused`, 'certificate', 'must be the one that the device was registered with'],
    ]);
    expect((await device()).attributes).toEqual({});
  });

  test('of a decommissioned device is refused', async () => {
    await home.invoke(decommission, request({ params }));
    await deliver(say({ n: 1 }, 1000));
    expect(refusals()).toEqual([[`ek/${THING}/refused`, 'device', 'must not be decommissioned']]);
  });

  test.each([
    ['attributes', undefined],
    ['attributes', Object.fromEntries(Array.from({ length: 33 }, (_, at) => [`a${at}`, at]))],
    ['attributes.Region', { Region: 'eu' }],
    ['attributes.text', { text: 'x'.repeat(129) }],
    ['attributes.nested', { nested: { deep: true } }],
    ['attributes.huge', { huge: 1e121 }],
    ['attributes.tiny', { tiny: 1e-121 }],
    ['attributes.torn', { torn: '\ud800' }],
  ])('with bad %s is refused by name, and the good ones beside it are kept', async (field, attributes) => {
    const { batchItemFailures } = await deliver(say(attributes, 2000), say({ n: 1 }, 1000));
    expect(batchItemFailures).toEqual([]);
    expect(home.published).toHaveLength(1);
    expect(home.published[0]?.message).toMatchObject({ message: 'inventory', field });
    expect((await device()).attributes).toEqual({ n: 1 });
  });
});
