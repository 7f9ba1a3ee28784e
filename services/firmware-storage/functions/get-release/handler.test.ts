import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { GetRelease } from '#shared/contracts/api/firmware.ts';
import { type FirmwareHome, openFirmwareHome } from '../../testing/firmware-home.ts';
import { Manufacturer } from '../../testing/manufacturer.ts';
import { handler } from './handler.ts';

const params = { product: 'cam', version: '2.1.0+build.5' };

describe('showing a release', () => {
  let home: FirmwareHome;
  let ada: Manufacturer;
  beforeEach(async () => {
    home = await openFirmwareHome();
    ada = new Manufacturer(home);
    await ada.makeProduct();
    await ada.makeRelease({ 'cam-rev-b': Buffer.from('firmware') }, { version: params.version });
  });
  afterEach(() => home.close());

  test('answers as its contract says, to anybody of the tenant', async () => {
    const { status, answer } = await ada.call(handler, { params, claims: { role: 'viewer' } });
    expect(status).toBe(200);
    expect(GetRelease.answer.parse(answer)).toEqual(answer);
    expect(answer).toMatchObject({ release: 'cam/2.1.0+build.5', state: 'draft' });
  });

  test.each([
    ['a version that nobody made', { params: { ...params, version: '2.1.0' } }],
    ['a product that does not exist', { params: { ...params, product: 'tv' } }],
    ['another tenant’s', { params, claims: { tenant: 'other' } }],
  ])('knows nothing of %s', async (_, parts) => {
    expect(await ada.call(handler, parts)).toMatchObject({
      status: 404,
      answer: { error: { field: 'version' } },
    });
  });
});
