import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ConflictError } from '#shared/errors/errors.ts';
import { request } from '../../testing/events.ts';
import { openRegistryHome, type RegistryHome } from '../../testing/registry-home.ts';
import { handler as decommission } from '../decommission-device/handler.ts';
import { handler as register } from '../register-device/handler.ts';
import { handler } from './handler.ts';

const params = { deviceId: 'cam-0001' };

describe('tagging a device', () => {
  let home: RegistryHome;
  beforeEach(async () => {
    home = openRegistryHome();
    const body = { ...params, product: 'cam', hardware: 'cam-rev-b', tags: ['bench'] };
    await home.invoke(register, request({ body }));
  });
  afterEach(() => home.close());

  async function tag(tags: unknown, claims: Readonly<Record<string, string>> = {}) {
    const { statusCode, body } = await home.invoke(handler, request({ params, body: { tags }, claims }));
    return { status: statusCode, answer: JSON.parse(body) };
  }
  const told = () =>
    home.changes().flatMap(({ after }) => (String(after?.sk).startsWith('outbox#') ? [after?.detail] : []));

  test('replaces its tags and tells the bus', async () => {
    const { answer } = await tag(['lab', 'internal']);
    expect(answer).toMatchObject({ tags: ['internal', 'lab'], entityVersion: 2 });
    expect(told().at(-1)).toMatchObject({ tags: ['internal', 'lab'], entityVersion: 2 });
  });

  test('writes and tells nothing when the tags are the same', async () => {
    const { status, answer } = await tag(['bench']);
    expect(status).toBe(200);
    expect(answer.entityVersion).toBe(1);
    expect(told()).toHaveLength(1);
  });

  test('takes all tags away when given none', async () => {
    expect((await tag([])).answer.tags).toEqual([]);
  });

  test('gives every change its own version when two come at once', async () => {
    await Promise.all([tag(['one']), tag(['two']), tag(['three'])]);
    expect(told()).toMatchObject([1, 2, 3, 4].map((entityVersion) => ({ entityVersion })));
  });

  test('asks to try again when others keep writing the device', async () => {
    let tries = 0;
    home.beforeWrite = async () => {
      tries += 1;
      throw new ConflictError('met another write');
    };
    expect((await tag(['late'])).status).toBe(409);
    expect(tries).toBe(5);
  });

  test('is refused for a device out of service', async () => {
    await home.invoke(decommission, request({ params }));
    const { status, answer } = await tag(['late']);
    expect(status).toBe(409);
    expect(answer.error).toMatchObject({ field: 'deviceId', rule: 'must not be decommissioned' });
  });

  test('knows no device of another tenant', async () => {
    expect((await tag(['mine'], { tenant: 'other' })).status).toBe(404);
  });

  test.each([
    ['tags', undefined],
    ['tags', 'bench'],
    ['tags.1', ['fine', 'Not fine']],
    ['tags', ['twice', 'twice']],
  ])('refuses bad %s by name', async (field, tags) => {
    const { status, answer } = await tag(tags);
    expect(status).toBe(400);
    expect(answer.error).toMatchObject({ field });
  });

  test('is not for viewers', async () => {
    expect((await tag(['mine'], { role: 'viewer' })).status).toBe(403);
  });
});
