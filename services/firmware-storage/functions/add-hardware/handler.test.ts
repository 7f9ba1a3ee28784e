import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type FirmwareHome, openFirmwareHome } from '../../testing/firmware-home.ts';
import { Manufacturer } from '../../testing/manufacturer.ts';
import { handler } from './handler.ts';

describe('adding hardware to a product', () => {
  let home: FirmwareHome;
  let ada: Manufacturer;
  beforeEach(async () => {
    home = await openFirmwareHome();
    ada = new Manufacturer(home);
    await ada.makeProduct();
  });
  afterEach(() => home.close());

  const add = (hardware: unknown, claims: Readonly<Record<string, string>> = {}) =>
    ada.call(handler, { params: { product: 'cam' }, body: { hardware }, claims });
  const numbered = (count: number, prefix: string) =>
    Array.from({ length: count }, (_, at) => `${prefix}${at}`);

  test('lets releases be made for it, and is noted in the audit log', async () => {
    expect(await add(['cam-rev-d'])).toMatchObject({
      status: 200,
      answer: { hardware: ['cam-rev-b', 'cam-rev-c', 'cam-rev-d'], keys: [{ name: 'build' }] },
    });
    expect(home.written('audit#').at(-1)).toMatchObject({
      action: 'add-hardware',
      actor: 'operator:ada',
      before: { hardware: ['cam-rev-b', 'cam-rev-c'] },
      after: { hardware: ['cam-rev-b', 'cam-rev-c', 'cam-rev-d'] },
    });
    expect((await ada.makeRelease({ 'cam-rev-d': Buffer.from('firmware') })).status).toBe(201);
  });

  test('that it has already changes nothing', async () => {
    const entries = home.written('audit#').length;
    expect(await add(['cam-rev-c'])).toMatchObject({
      status: 200,
      answer: { hardware: ['cam-rev-b', 'cam-rev-c'] },
    });
    expect(home.written('audit#')).toHaveLength(entries);
  });

  test('keeps what comes at the same time', async () => {
    const replies = await Promise.all(['d', 'e', 'f'].map((name) => add([`cam-rev-${name}`])));
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(home.written('product').at(-1)).toMatchObject({ hardwareCount: 5 });
  });

  test('refuses more than a product has at most, and keeps none of them', async () => {
    expect((await add(numbered(62, 'board-'))).status).toBe(200);
    expect(await add(['one-more'])).toMatchObject({
      status: 409,
      answer: { error: { code: 'wrong-state', field: 'hardware' } },
    });
    expect(home.written('product').at(-1)).toMatchObject({ hardwareCount: 64 });
  });

  test('refuses what is no list of hardware ids, other tenants and other roles', async () => {
    for (const hardware of [[], ['a', 'a'], ['B'], numbered(65, 'b')]) {
      expect((await add(hardware)).status).toBe(400);
    }
    expect((await add(['cam-rev-d'], { tenant: 'other' })).status).toBe(404);
    expect((await add(['cam-rev-d'], { role: 'operator' })).status).toBe(403);
  });
});
