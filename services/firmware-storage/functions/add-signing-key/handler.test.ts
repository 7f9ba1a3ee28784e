import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { keyIdOf } from '#shared/firmware/signature.ts';
import { type FirmwareHome, openFirmwareHome } from '../../testing/firmware-home.ts';
import { Manufacturer, newSigner } from '../../testing/manufacturer.ts';
import { handler as createProduct } from '../create-product/handler.ts';
import { handler } from './handler.ts';

const rsa = () =>
  generateKeyPairSync('rsa', { modulusLength: 1024 })
    .publicKey.export({ type: 'spki', format: 'pem' })
    .toString();

describe('adding a signing key', () => {
  let home: FirmwareHome;
  let ada: Manufacturer;
  const { publicKey, privateKey } = newSigner();
  const params = { product: 'cam' };
  const add = (body: unknown) => ada.call(handler, { params, body });
  beforeEach(async () => {
    home = await openFirmwareHome();
    ada = new Manufacturer(home);
    await ada.call(createProduct, { body: { product: 'cam', hardware: ['cam-rev-b'] } });
  });
  afterEach(() => home.close());

  test('answers the product with the key under the digest of its DER', async () => {
    expect(await add({ name: 'build', publicKey })).toMatchObject({
      status: 201,
      answer: { keys: [{ keyId: keyIdOf(publicKey), name: 'build' }] },
    });
    expect(home.written('audit#').at(-1)).toMatchObject({
      action: 'add-signing-key',
      actor: 'operator:ada',
      after: { keyId: keyIdOf(publicKey), name: 'build' },
    });
  });

  test('keeps both of two keys that come at once', async () => {
    const names = ['build', 'spare', 'field', 'vault'];
    const replies = await Promise.all(names.map((name) => add({ name, publicKey: newSigner().publicKey })));
    expect(replies.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    const last = home.written('product').at(-1);
    expect(last).toMatchObject({ keyCount: 4 });
  });

  test('decides again when another key came between its reading and its writing', async () => {
    let isFirst = true;
    home.beforeWrite = async () => {
      if (!isFirst) return;
      isFirst = false;
      await add({ name: 'spare', publicKey: newSigner().publicKey });
    };
    const reply = await add({ name: 'build', publicKey });
    expect(reply).toMatchObject({ status: 201, answer: { keys: [{ name: 'spare' }, { name: 'build' }] } });
  });

  test('refuses a key, or a name, that the product has', async () => {
    await add({ name: 'build', publicKey });
    const sameKey = await add({ name: 'other', publicKey: publicKey.replaceAll('\n', '\r\n') });
    expect(sameKey).toMatchObject({ status: 409, answer: { error: { field: 'publicKey' } } });
    const sameName = await add({ name: 'build', publicKey: newSigner().publicKey });
    expect(sameName).toMatchObject({ status: 409, answer: { error: { field: 'name' } } });
  });

  test.each([
    ['publicKey', 'a private key', { name: 'build', publicKey: privateKey }],
    ['publicKey', 'an RSA key', { name: 'build', publicKey: rsa() }],
    ['publicKey', 'no PEM', { name: 'build', publicKey: 'key' }],
    ['publicKey', 'too long a text', { name: 'build', publicKey: 'x'.repeat(1025) }],
    ['name', 'a name of other letters', { name: 'Build', publicKey }],
  ])('refuses by the field %s what is %s, and keeps nothing', async (field, _, body) => {
    expect(await add(body)).toMatchObject({ status: 400, answer: { error: { field } } });
    expect(home.written('product')).toHaveLength(1);
  });

  test('never lets a private key into an answer or the log', async () => {
    const reply = await add({ name: 'build', publicKey: privateKey });
    expect(JSON.stringify([reply, home.lines])).not.toContain(privateKey.split('\n')[1]);
  });

  test('refuses one for a product that does not exist', async () => {
    const reply = await ada.call(handler, { params: { product: 'tv' }, body: { name: 'build', publicKey } });
    expect(reply).toMatchObject({ status: 404, answer: { error: { field: 'product' } } });
  });
});
