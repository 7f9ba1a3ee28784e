import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { UploadView } from '#shared/contracts/api/firmware.ts';
import { NotFoundError, UnknownOutcomeError } from '#shared/errors/errors.ts';
import { type FirmwareHome, openFirmwareHome } from '../../testing/firmware-home.ts';
import { Manufacturer } from '../../testing/manufacturer.ts';
import { handler as beginUpload } from '../begin-upload/handler.ts';
import { handler as getRelease } from '../get-release/handler.ts';
import { handler } from './handler.ts';

const MEBIBYTE = 1024 * 1024;
const IMAGE = Buffer.alloc(9 * MEBIBYTE, 'firmware');
const params = { product: 'cam', version: '2.1.0', hardware: 'cam-rev-b' };

describe('completing an upload', () => {
  let home: FirmwareHome;
  let ada: Manufacturer;
  beforeEach(async () => {
    home = await openFirmwareHome();
    ada = new Manufacturer(home);
    await ada.makeProduct();
    await ada.makeRelease({ 'cam-rev-b': IMAGE });
  });
  afterEach(() => home.close());

  /** Begins an upload and sends its parts; answers what completion asks for. */
  async function send(bytes: Uint8Array) {
    const { uploadId, partSizeBytes, parts } = UploadView.parse(
      (await ada.call(beginUpload, { params })).answer,
    );
    const sent = parts.map(async ({ number, url }) => {
      const body = bytes.slice((number - 1) * partSizeBytes, number * partSizeBytes);
      const response = await fetch(url, { method: 'PUT', body });
      return { number, etag: response.headers.get('etag') ?? '' };
    });
    return { uploadId, parts: await Promise.all(sent) };
  }
  const complete = (body: unknown) => ada.call(handler, { params, body });
  const artifactState = async () =>
    (await ada.call(getRelease, { params: { product: 'cam', version: '2.1.0' } })).answer;

  test('starts the verification, at whose end the bytes lie under their digest', async () => {
    const body = await send(IMAGE);
    const reply = await complete({ ...body, parts: body.parts.toReversed() });
    expect(reply).toMatchObject({
      status: 202,
      answer: { state: 'draft', artifacts: [{ state: 'verifying' }] },
    });
    await home.deliverUploads();
    expect(await artifactState()).toMatchObject({ state: 'verified', artifacts: [{ state: 'verified' }] });
    const { objects } = await home.bucket.list('', { limit: 10 });
    expect(objects).toMatchObject([
      { key: expect.stringMatching(/^artifacts\/[0-9a-f]{64}$/), sizeBytes: IMAGE.length },
    ]);
  });

  test('repeated shows how far the verification is and uploads nothing twice', async () => {
    const body = await send(IMAGE);
    await complete(body);
    expect(await complete(body)).toMatchObject({
      status: 202,
      answer: { artifacts: [{ state: 'verifying' }] },
    });
    expect(home.uploadEvents).toHaveLength(1);
    await home.deliverUploads();
    expect(await complete(body)).toMatchObject({
      status: 202,
      answer: { artifacts: [{ state: 'verified' }] },
    });
  });

  test('never takes the verdict back when that is there first', async () => {
    const body = await send(IMAGE);
    let isFirst = true;
    home.beforeWrite = async () => {
      if (!isFirst) return;
      isFirst = false;
      await home.deliverUploads();
    };
    expect(await complete(body)).toMatchObject({
      status: 202,
      answer: { artifacts: [{ state: 'verified' }] },
    });
  });

  test('is verified all the same when its own note was lost', async () => {
    const body = await send(IMAGE);
    home.beforeWrite = async () => {
      throw new UnknownOutcomeError('the process died');
    };
    expect((await complete(body)).status).toBe(500);
    home.beforeWrite = async () => undefined;
    await home.deliverUploads();
    expect(await artifactState()).toMatchObject({ state: 'verified' });
  });

  test('repeated while the verdict comes, after which S3 knows neither upload nor object, shows the verdict', async () => {
    const body = await send(IMAGE);
    home.beforeWrite = async () => {
      throw new UnknownOutcomeError('the process died');
    };
    await complete(body);
    home.beforeWrite = async () => undefined;
    home.beforeComplete = async () => {
      await home.deliverUploads();
      throw new NotFoundError('uploadId', 'must be an upload that is open: begin it again');
    };
    expect(await complete(body)).toMatchObject({
      status: 202,
      answer: { artifacts: [{ state: 'verified' }] },
    });
  });

  test('refuses an upload that the bucket has given up', async () => {
    const body = await send(IMAGE);
    await home.abandonUploads();
    expect(await complete(body)).toMatchObject({ status: 404, answer: { error: { field: 'uploadId' } } });
  });

  test('refuses what misses a part, without asking the bucket: S3 would make an object of the first ones', async () => {
    const { uploadId, parts } = await send(IMAGE);
    home.beforeComplete = async () => {
      throw new Error('the bucket was asked');
    };
    for (const some of [parts.slice(1), parts.slice(0, 1), [...parts, { number: 3, etag: 'e' }]]) {
      expect(await complete({ uploadId, parts: some })).toMatchObject({
        status: 400,
        answer: { error: { field: 'parts' } },
      });
    }
    expect(home.uploadEvents).toEqual([]);
    expect(await artifactState()).toMatchObject({ artifacts: [{ state: 'awaiting-upload' }] });
  });

  test('refuses an upload that was not begun for this artifact', async () => {
    const { parts } = await send(IMAGE);
    expect(await complete({ uploadId: 'other', parts })).toMatchObject({
      status: 409,
      answer: { error: { field: 'uploadId' } },
    });
  });

  test.each([
    ['parts', { uploadId: 'u', parts: [] }],
    ['parts.0.number', { uploadId: 'u', parts: [{ number: 0, etag: 'e' }] }],
    ['parts.0.etag', { uploadId: 'u', parts: [{ number: 1, etag: 'e'.repeat(129) }] }],
    ['uploadId', { parts: [{ number: 1, etag: 'e' }] }],
  ])('refuses a bad %s by name', async (field, body) => {
    expect(await complete(body)).toMatchObject({ status: 400, answer: { error: { field } } });
  });
});
