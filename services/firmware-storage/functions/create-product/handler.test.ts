import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type FirmwareHome, openFirmwareHome } from '../../testing/firmware-home.ts';
import { Manufacturer } from '../../testing/manufacturer.ts';
import { handler as getProduct } from '../get-product/handler.ts';
import { handler } from './handler.ts';

const FACTS = { product: 'cam', hardware: ['cam-rev-b', 'cam-rev-c'] };

describe('creating a product', () => {
  let home: FirmwareHome;
  let ada: Manufacturer;
  beforeEach(async () => {
    home = await openFirmwareHome();
    ada = new Manufacturer(home);
  });
  afterEach(() => home.close());

  test('answers the product, which is there from then on', async () => {
    const made = await ada.call(handler, { body: FACTS });
    expect(made).toMatchObject({ status: 201, answer: { ...FACTS, keys: [], lastSequence: 0 } });
    const shown = await ada.call(getProduct, { params: { product: 'cam' } });
    expect(shown).toEqual({ status: 200, answer: made.answer });
  });

  test('is noted in the audit log with who did it', async () => {
    await ada.call(handler, { body: FACTS });
    expect(home.written('audit#')).toMatchObject([
      { actor: 'operator:ada', action: 'create-product', tenant: 'acme', about: 'cam', before: null },
    ]);
  });

  test('refuses a name that the tenant has, and leaves that product alone', async () => {
    await ada.call(handler, { body: FACTS });
    const again = await ada.call(handler, { body: { product: 'cam', hardware: ['other'] } });
    expect(again).toMatchObject({
      status: 409,
      answer: { error: { code: 'wrong-state', field: 'product' } },
    });
    const shown = await ada.call(getProduct, { params: { product: 'cam' } });
    expect(shown.answer).toMatchObject({ hardware: FACTS.hardware });
    expect(home.written('audit#')).toHaveLength(1);
  });

  test('keeps the same name of two tenants apart', async () => {
    await ada.call(handler, { body: FACTS });
    const unseen = await ada.call(getProduct, { params: { product: 'cam' }, claims: { tenant: 'other' } });
    expect(unseen).toMatchObject({ status: 404, answer: { error: { field: 'product' } } });
    const made = await ada.call(handler, { body: FACTS, claims: { tenant: 'other' } });
    expect(made.status).toBe(201);
  });

  test('makes one product when two people name it at once', async () => {
    const replies = await Promise.all([
      ada.call(handler, { body: FACTS }),
      ada.call(handler, { body: FACTS }),
    ]);
    expect(replies.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect(home.written('product')).toHaveLength(1);
  });

  test.each([
    ['product', { ...FACTS, product: 'Cam' }],
    ['hardware', { ...FACTS, hardware: [] }],
    ['hardware', { ...FACTS, hardware: ['a', 'a'] }],
    ['hardware', { ...FACTS, hardware: Array.from({ length: 65 }, (_, at) => `b${at}`) }],
    ['hardware.1', { ...FACTS, hardware: ['a', 'B'] }],
    ['keys', { ...FACTS, keys: [] }],
  ])('refuses a bad %s by name and keeps nothing', async (field, body) => {
    expect(await ada.call(handler, { body })).toMatchObject({ status: 400, answer: { error: { field } } });
    expect(home.written('')).toEqual([]);
  });

  test('is for manufacturers only', async () => {
    expect((await ada.call(handler, { body: FACTS, claims: { role: 'operator' } })).status).toBe(403);
  });
});
