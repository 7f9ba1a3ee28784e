import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { UploadView } from '#shared/contracts/api/firmware.ts';
import { type FirmwareHome, openFirmwareHome } from '../../testing/firmware-home.ts';
import { Manufacturer } from '../../testing/manufacturer.ts';
import { handler as revokeRelease } from '../revoke-release/handler.ts';
import { handler } from './handler.ts';

const MEBIBYTE = 1024 * 1024;
const params = { product: 'cam', version: '2.1.0', hardware: 'cam-rev-b' };

describe('beginning an upload', () => {
  let home: FirmwareHome;
  let ada: Manufacturer;
  const begin = async () => {
    const { status, answer } = await ada.call(handler, { params });
    expect(status).toBe(201);
    return UploadView.parse(answer);
  };
  beforeEach(async () => {
    home = await openFirmwareHome();
    ada = new Manufacturer(home);
    await ada.makeProduct();
  });
  afterEach(() => home.close());

  test('gives a URL for every part of the signed size, good for an hour', async () => {
    await ada.makeRelease({ 'cam-rev-b': Buffer.alloc(9 * MEBIBYTE) });
    const upload = await begin();
    expect(upload.partSizeBytes).toBe(8 * MEBIBYTE);
    expect(upload.parts.map(({ number }) => number)).toEqual([1, 2]);
    expect(upload.expiresAtMs).toBe(home.world.now() + 3_600_000);
  });

  test('sends parts straight to the key of that very artifact', async () => {
    await ada.makeRelease({ 'cam-rev-b': Buffer.from('b') }, { version: '2.1.0+build.5' });
    const { answer } = await ada.call(handler, { params: { ...params, version: '2.1.0+build.5' } });
    const [part] = UploadView.parse(answer).parts;
    expect(new URL(part?.url ?? '').pathname).toContain('/uploads/acme/cam/2.1.0_build.5/cam-rev-b');
  });

  test('asked again goes on with the same upload, with URLs that live anew', async () => {
    await ada.makeRelease({ 'cam-rev-b': Buffer.from('b') });
    const first = await begin();
    await home.world.advance(3_500_000);
    const again = await begin();
    expect(again.uploadId).toBe(first.uploadId);
    expect(again.expiresAtMs).toBe(first.expiresAtMs + 3_500_000);
  });

  test('asked again begins anew once the bucket has given the first up', async () => {
    await ada.makeRelease({ 'cam-rev-b': Buffer.from('b') });
    const first = await begin();
    await home.abandonUploads();
    const again = await begin();
    expect(again.uploadId).not.toBe(first.uploadId);
  });

  test('gives two that begin at once the same upload, and keeps no other', async () => {
    await ada.makeRelease({ 'cam-rev-b': Buffer.from('b') });
    const uploads = await Promise.all([begin(), begin(), begin()]);
    const ids = new Set(uploads.map(({ uploadId }) => uploadId));
    expect(ids.size).toBe(1);
    expect(ids).toContain((await begin()).uploadId);
    const takesPart = async (url: string) => (await fetch(url, { method: 'PUT', body: 'b' })).status;
    expect(await Promise.all(uploads.map(({ parts }) => takesPart(parts[0]?.url ?? '')))).toEqual([
      200, 200, 200,
    ]);
    expect(home.openUploads()).toHaveLength(1);
  });

  test('refuses a release, or a hardware, that does not exist', async () => {
    const noRelease = await ada.call(handler, { params });
    expect(noRelease).toMatchObject({ status: 404, answer: { error: { field: 'version' } } });
    await ada.makeRelease({ 'cam-rev-b': Buffer.from('b') });
    const noBuild = await ada.call(handler, { params: { ...params, hardware: 'cam-rev-c' } });
    expect(noBuild).toMatchObject({ status: 404, answer: { error: { field: 'hardware' } } });
    const foreign = await ada.call(handler, { params, claims: { tenant: 'other' } });
    expect(foreign).toMatchObject({ status: 404, answer: { error: { field: 'version' } } });
  });

  test('refuses an artifact that is decided, and a release that is', async () => {
    await ada.makeRelease({ 'cam-rev-b': Buffer.from('b'), 'cam-rev-c': Buffer.from('c') });
    await ada.putUpload('cam-rev-b', Buffer.from('b'));
    await home.deliverUploads();
    const verified = await ada.call(handler, { params });
    expect(verified).toMatchObject({ status: 409, answer: { error: { field: 'hardware' } } });
    await ada.call(revokeRelease, { params: { product: 'cam', version: '2.1.0' }, body: { reason: 'typo' } });
    const revoked = await ada.call(handler, { params: { ...params, hardware: 'cam-rev-c' } });
    expect(revoked).toMatchObject({ status: 409, answer: { error: { field: 'state' } } });
  });
});
