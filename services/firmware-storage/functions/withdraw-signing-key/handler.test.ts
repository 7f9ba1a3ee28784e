import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { keyIdOf } from '#shared/firmware/signature.ts';
import { type FirmwareHome, openFirmwareHome } from '../../testing/firmware-home.ts';
import { Manufacturer, manifestOf, newSigner, signedBody } from '../../testing/manufacturer.ts';
import { handler as addSigningKey } from '../add-signing-key/handler.ts';
import { handler as createRelease } from '../create-release/handler.ts';
import { handler as getProduct } from '../get-product/handler.ts';
import { handler } from './handler.ts';

const reason = 'a build machine was broken into';

describe('withdrawing a signing key', () => {
  let home: FirmwareHome;
  let ada: Manufacturer;
  let keyId: string;
  beforeEach(async () => {
    home = await openFirmwareHome();
    ada = new Manufacturer(home);
    keyId = keyIdOf(ada.signer.publicKey);
    await ada.makeProduct();
  });
  afterEach(() => home.close());

  const params = () => ({ product: 'cam', keyId });
  const withdraw = (body: unknown = { reason, leaveNone: true }) =>
    ada.call(handler, { params: params(), body });
  const add = (name: string, publicKey: string) =>
    ada.call(addSigningKey, { params: { product: 'cam' }, body: { name, publicKey } });
  const create = (privateKey: string) => {
    const manifest = JSON.stringify(manifestOf({ 'cam-rev-b': Buffer.from('firmware') }));
    return ada.call(createRelease, { body: signedBody(manifest, privateKey) });
  };

  test('answers the product, which shows since when and why', async () => {
    const reply = await withdraw();
    const withdrawn = { atMs: home.world.now(), reason };
    expect(reply).toMatchObject({ status: 200, answer: { keys: [{ keyId, name: 'build', withdrawn }] } });
    const shown = await ada.call(getProduct, { params: { product: 'cam' } });
    expect(shown.answer).toEqual(reply.answer);
    expect(home.written('audit#').at(-1)).toMatchObject({
      action: 'withdraw-signing-key',
      actor: 'operator:ada',
      reason,
      after: { keyId, name: 'build' },
    });
  });

  test('ends all trust in what it signs, and in no other key', async () => {
    const spare = newSigner();
    await add('spare', spare.publicKey);
    expect(await withdraw({ reason })).toMatchObject({ status: 200 });
    expect(await create(ada.signer.privateKey)).toMatchObject({
      status: 400,
      answer: { error: { field: 'signature.keyId' } },
    });
    expect(await create(spare.privateKey)).toMatchObject({ status: 201 });
  });

  test('of a product that trusts no other is refused until it is said that none may be left', async () => {
    const spare = newSigner();
    await add('spare', spare.publicKey);
    await withdraw({ reason });
    const last = { params: { product: 'cam', keyId: keyIdOf(spare.publicKey) } };
    for (const body of [{ reason }, { reason, leaveNone: false }]) {
      expect(await ada.call(handler, { ...last, body })).toMatchObject({
        status: 409,
        answer: { error: { field: 'leaveNone' } },
      });
    }
    expect(await create(spare.privateKey)).toMatchObject({ status: 201 });
    const body = { reason, leaveNone: true };
    expect(await ada.call(handler, { ...last, body })).toMatchObject({ status: 200 });
  });

  test('leaves one of two keys that are withdrawn in the same moment', async () => {
    const spare = newSigner();
    await add('spare', spare.publicKey);
    let isFirst = true;
    home.beforeWrite = async () => {
      if (!isFirst) return;
      isFirst = false;
      const params = { product: 'cam', keyId: keyIdOf(spare.publicKey) };
      expect(await ada.call(handler, { params, body: { reason } })).toMatchObject({ status: 200 });
    };
    expect(await withdraw({ reason })).toMatchObject({
      status: 409,
      answer: { error: { field: 'leaveNone' } },
    });
  });

  test('is for ever: neither the key nor its name comes back', async () => {
    await withdraw();
    expect(await add('again', ada.signer.publicKey)).toMatchObject({
      status: 409,
      answer: { error: { field: 'publicKey' } },
    });
    expect(await add('build', newSigner().publicKey)).toMatchObject({
      status: 409,
      answer: { error: { field: 'name' } },
    });
  });

  test('repeated changes nothing, its reason neither', async () => {
    const first = await withdraw();
    const entries = home.written('audit#').length;
    expect(await withdraw({ reason: 'another' })).toEqual(first);
    expect(home.written('audit#')).toHaveLength(entries);
  });

  test('is not undone by a key that is added in the same moment', async () => {
    let isFirst = true;
    home.beforeWrite = async () => {
      if (!isFirst) return;
      isFirst = false;
      await withdraw();
    };
    await add('spare', newSigner().publicKey);
    const shown = await ada.call(getProduct, { params: { product: 'cam' } });
    expect(shown.answer).toMatchObject({
      keys: [{ name: 'build', withdrawn: { reason } }, { name: 'spare' }],
    });
  });

  test('is in time for a release that is created in the same moment', async () => {
    let isFirst = true;
    home.beforeWrite = async () => {
      if (!isFirst) return;
      isFirst = false;
      await withdraw();
    };
    expect(await create(ada.signer.privateKey)).toMatchObject({
      status: 400,
      answer: { error: { field: 'signature.keyId' } },
    });
    expect(home.written('release#')).toEqual([]);
  });

  test('refuses a key that the product does not have, a missing reason, other tenants and other roles', async () => {
    const stranger = { params: { product: 'cam', keyId: keyIdOf(newSigner().publicKey) }, body: { reason } };
    expect(await ada.call(handler, stranger)).toMatchObject({
      status: 404,
      answer: { error: { field: 'keyId' } },
    });
    expect(await withdraw({})).toMatchObject({ status: 400, answer: { error: { field: 'reason' } } });
    const own = { params: params(), body: { reason } };
    expect((await ada.call(handler, { ...own, claims: { tenant: 'other' } })).status).toBe(404);
    expect((await ada.call(handler, { ...own, claims: { role: 'operator' } })).status).toBe(403);
  });
});
