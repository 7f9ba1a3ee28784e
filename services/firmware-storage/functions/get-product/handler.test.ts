import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { keyIdOf } from '#shared/firmware/signature.ts';
import { type FirmwareHome, openFirmwareHome } from '../../testing/firmware-home.ts';
import { Manufacturer } from '../../testing/manufacturer.ts';
import { handler } from './handler.ts';

describe('showing a product', () => {
  let home: FirmwareHome;
  let ada: Manufacturer;
  beforeEach(async () => {
    home = await openFirmwareHome();
    ada = new Manufacturer(home);
  });
  afterEach(() => home.close());

  test('shows its hardware, its keys by their ids and its last sequence, to anybody of the tenant', async () => {
    await ada.makeProduct();
    await ada.makeRelease({ 'cam-rev-b': Buffer.from('firmware') }, { sequence: 5 });
    const shown = await ada.call(handler, { params: { product: 'cam' }, claims: { role: 'viewer' } });
    expect(shown).toMatchObject({
      status: 200,
      answer: {
        hardware: ['cam-rev-b', 'cam-rev-c'],
        keys: [{ keyId: keyIdOf(ada.signer.publicKey), name: 'build' }],
        lastSequence: 5,
      },
    });
  });

  test('knows no product of another tenant', async () => {
    await ada.makeProduct({ tenant: 'other' });
    const shown = await ada.call(handler, { params: { product: 'cam' } });
    expect(shown).toMatchObject({ status: 404, answer: { error: { code: 'not-found', field: 'product' } } });
  });
});
