import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { CreateDownloadUrl } from '#shared/contracts/api/firmware.ts';
import { type FirmwareHome, openFirmwareHome } from '../../testing/firmware-home.ts';
import { Manufacturer } from '../../testing/manufacturer.ts';
import { handler as publishRelease } from '../publish-release/handler.ts';
import { handler as revokeRelease } from '../revoke-release/handler.ts';
import { handler } from './handler.ts';

const IMAGE = Buffer.from('firmware');
const params = { product: 'cam', version: '2.1.0' };

describe('asking for a download URL', () => {
  let home: FirmwareHome;
  let ada: Manufacturer;
  const ask = (hardware = 'cam-rev-b', claims: Readonly<Record<string, string>> = { role: 'viewer' }) =>
    ada.call(handler, { params: { ...params, hardware }, claims });
  const askForUrl = async () => {
    const { status, answer } = await ask();
    expect(status).toBe(201);
    return CreateDownloadUrl.answer.parse(answer);
  };
  beforeEach(async () => {
    home = await openFirmwareHome();
    ada = new Manufacturer(home);
    await ada.makeProduct();
    await ada.makeRelease({ 'cam-rev-b': IMAGE });
  });
  afterEach(() => home.close());

  async function verify(): Promise<void> {
    await ada.putUpload('cam-rev-b', IMAGE);
    await home.deliverUploads();
  }

  test('gives the verified bytes, for a quarter of an hour and no longer', async () => {
    await verify();
    const { url, expiresAtMs, sizeBytes } = await askForUrl();
    expect(sizeBytes).toBe(IMAGE.length);
    expect(expiresAtMs - home.world.now()).toBeLessThanOrEqual(900_000);
    expect(expiresAtMs - home.world.now()).toBeGreaterThan(898_000);
    const response = await fetch(url);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(IMAGE);
    await home.world.advance(900_000);
    expect((await fetch(url)).status).toBe(403);
  });

  test('gives those of a published release too', async () => {
    await verify();
    await ada.call(publishRelease, { params });
    await askForUrl();
  });

  test('refuses a release that is not verified, and one that is being revoked', async () => {
    expect(await ask()).toMatchObject({ status: 409, answer: { error: { field: 'state' } } });
    await verify();
    await ada.call(publishRelease, { params });
    await ada.call(revokeRelease, { params, body: { reason: 'smoke' } });
    expect(await ask()).toMatchObject({ status: 409, answer: { error: { field: 'state' } } });
  });

  test('refuses hardware that the release has no build for, and strangers', async () => {
    await verify();
    expect(await ask('cam-rev-c')).toMatchObject({ status: 404, answer: { error: { field: 'hardware' } } });
    const foreign = await ask('cam-rev-b', { tenant: 'other' });
    expect(foreign).toMatchObject({ status: 404, answer: { error: { field: 'version' } } });
  });
});
