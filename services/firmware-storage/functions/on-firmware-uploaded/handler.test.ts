import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { UnknownOutcomeError } from '#shared/errors/errors.ts';
import { type FirmwareHome, openFirmwareHome } from '../../testing/firmware-home.ts';
import { Manufacturer } from '../../testing/manufacturer.ts';
import { handler as getRelease } from '../get-release/handler.ts';
import { handler as revokeRelease } from '../revoke-release/handler.ts';
import { handler } from './handler.ts';

const B = Buffer.from('the image of cam-rev-b');
const C = Buffer.from('the image of rev c');
const keyOf = (bytes: Uint8Array) => `artifacts/${createHash('sha256').update(bytes).digest('hex')}`;

describe('an upload that has appeared', () => {
  let home: FirmwareHome;
  let ada: Manufacturer;
  const params = { product: 'cam', version: '2.1.0' };
  const release = async () => (await ada.call(getRelease, { params })).answer;
  const keys = async () => (await home.bucket.list('', { limit: 100 })).objects.map(({ key }) => key);
  beforeEach(async () => {
    home = await openFirmwareHome();
    ada = new Manufacturer(home);
    await ada.makeProduct();
    await ada.makeRelease({ 'cam-rev-b': B, 'cam-rev-c': C });
  });
  afterEach(() => home.close());

  test('verifies the release once the last artifact is what was signed, and leaves only the artifacts', async () => {
    await ada.putUpload('cam-rev-b', B);
    await home.deliverUploads();
    expect(await release()).toMatchObject({
      state: 'draft',
      artifacts: [{ state: 'verified' }, { state: 'awaiting-upload' }],
    });
    await ada.putUpload('cam-rev-c', C);
    await home.deliverUploads();
    expect(await release()).toMatchObject({ state: 'verified' });
    expect(await keys()).toEqual([keyOf(B), keyOf(C)].sort());
    expect(home.written('audit#').at(-1)).toMatchObject({ actor: 'evenkeel', action: 'release-verified' });
  });

  test.each([
    [
      'truncated',
      B.subarray(0, 10),
      'artifacts.0.sizeBytes: must be 22 as signed for cam-rev-b, but the upload has 10',
    ],
    [
      'one byte too long',
      Buffer.concat([B, B.subarray(0, 1)]),
      'artifacts.0.sizeBytes: must be 22 as signed for cam-rev-b, but the upload is longer',
    ],
    ['of other bytes', Buffer.from(B).fill('x'), /^artifacts\.0\.sha256: must be as signed for cam-rev-b/],
    [
      'meant for another board',
      C,
      'artifacts.0.sha256: must be the bytes signed for cam-rev-b, but those for cam-rev-c were uploaded',
    ],
  ])('rejects the release for good when it is %s', async (_, bytes, reason) => {
    await ada.putUpload('cam-rev-b', bytes);
    await home.deliverUploads();
    const expected = { state: 'rejected', artifacts: [{ state: 'rejected' }, { state: 'awaiting-upload' }] };
    expect(await release()).toMatchObject(expected);
    expect(await release()).toHaveProperty(
      'reason',
      typeof reason === 'string' ? reason : expect.stringMatching(reason),
    );
    expect(await keys()).toEqual([]);
    await ada.putUpload('cam-rev-b', B);
    await ada.putUpload('cam-rev-c', C);
    await home.deliverUploads();
    expect(await release()).toMatchObject(expected);
    expect(await keys()).toEqual([]);
  });

  test('rejects the release when two boards got each other’s image', async () => {
    await ada.putUpload('cam-rev-c', B);
    await ada.putUpload('cam-rev-b', C);
    await home.deliverUploads();
    expect(await release()).toMatchObject({ state: 'rejected' });
    expect(await release()).toHaveProperty(
      'reason',
      expect.stringContaining('those for cam-rev-b were uploaded'),
    );
    expect(await keys()).toEqual([]);
  });

  test('seen twice changes nothing the second time', async () => {
    await ada.putUpload('cam-rev-b', B);
    const [event] = home.uploadEvents;
    if (event === undefined) throw new Error('no event');
    await home.deliverUploads();
    const before = home.written('release#').length;
    await home.invoke(handler, event);
    expect(home.written('release#')).toHaveLength(before);
    expect(await keys()).toEqual([keyOf(B)]);
  });

  test('seen twice at once gives one verdict', async () => {
    await ada.putUpload('cam-rev-b', B);
    await ada.putUpload('cam-rev-c', C);
    const events = home.uploadEvents.splice(0);
    await Promise.all([...events, ...events].map((event) => home.invoke(handler, event)));
    expect(await release()).toMatchObject({ state: 'verified' });
    expect(home.written('release#').filter(({ state }) => state === 'verified')).toHaveLength(1);
    expect(await keys()).toHaveLength(2);
  });

  test('is judged by its own version, not by what came to the same key later', async () => {
    await ada.putUpload('cam-rev-b', B);
    await ada.putUpload('cam-rev-b', Buffer.from('something else'));
    await home.deliverUploads();
    expect(await release()).toMatchObject({ state: 'draft', artifacts: [{ state: 'verified' }, {}] });
    expect(await keys()).toEqual([keyOf(B)]);
  });

  test('keeps the bytes that were verified even if the key is overwritten while they are', async () => {
    await ada.putUpload('cam-rev-b', B);
    home.beforeCopy = async () => ada.putUpload('cam-rev-b', Buffer.from('something else'));
    const [event] = home.uploadEvents.splice(0);
    if (event === undefined) throw new Error('no event');
    await home.invoke(handler, event);
    const kept: Uint8Array[] = [];
    for await (const chunk of (await home.bucket.read(keyOf(B))) ?? []) kept.push(chunk);
    expect(Buffer.concat(kept)).toEqual(B);
  });

  test('comes again, and ends well, after a crash at any step', async () => {
    const crash = async () => {
      throw new UnknownOutcomeError('the process died');
    };
    const alive = async () => undefined;
    await ada.putUpload('cam-rev-b', B);
    const [event] = home.uploadEvents.splice(0);
    if (event === undefined) throw new Error('no event');
    home.beforeCopy = crash;
    await expect(home.invoke(handler, event)).rejects.toThrow('the process died');
    home.beforeCopy = alive;
    home.beforeWrite = crash;
    await expect(home.invoke(handler, event)).rejects.toThrow('the process died');
    home.beforeWrite = alive;
    expect(await release()).toMatchObject({ artifacts: [{ state: 'awaiting-upload' }, {}] });
    await home.invoke(handler, event);
    expect(await release()).toMatchObject({ artifacts: [{ state: 'verified' }, {}] });
    expect(await keys()).toEqual([keyOf(B)]);
  });

  test('shares the bytes of an artifact that another release has', async () => {
    await ada.putUpload('cam-rev-b', B);
    await home.deliverUploads();
    const first = await home.bucket.head(keyOf(B));
    await ada.makeRelease({ 'cam-rev-b': B }, { version: '2.1.1', sequence: 2 });
    await ada.putUpload('cam-rev-b', B, '2.1.1');
    await home.deliverUploads();
    expect(await home.bucket.head(keyOf(B))).toEqual(first);
    const { answer } = await ada.call(getRelease, { params: { ...params, version: '2.1.1' } });
    expect(answer).toMatchObject({ state: 'verified' });
  });

  test('fails loudly when the address of its content holds something else', async () => {
    await home.bucket.put(keyOf(B), Buffer.from('damage'));
    await ada.putUpload('cam-rev-b', B);
    await expect(home.deliverUploads()).rejects.toThrow('has 6 bytes instead of 22');
    expect(await release()).toMatchObject({ artifacts: [{ state: 'awaiting-upload' }, {}] });
  });

  test('fails loudly when its version is gone before it was read', async () => {
    const object = { key: 'uploads/acme/cam/2.1.0/cam-rev-b', size: 22, versionId: 'gone' };
    const event = { Records: [{ s3: { bucket: { name: 'firmware' }, object } }] };
    await expect(home.invoke(handler, event)).rejects.toThrow('has no such version');
  });

  test.each([
    ['of a version that nobody made', 'uploads/acme/cam/9.9.9/cam-rev-b'],
    ['of another tenant', 'uploads/other/cam/2.1.0/cam-rev-b'],
    ['of hardware that the release has no build for', 'uploads/acme/cam/2.1.0/cam-rev-d'],
    ['of no version', 'uploads/acme/cam/latest/cam-rev-b'],
    ['at another depth', 'uploads/acme/cam/2.1.0/cam-rev-b/more'],
    ['at the top', 'uploads/readme.txt'],
  ])('is removed and counted when it is %s', async (_, key) => {
    await home.bucket.put(key, B);
    await home.deliverUploads();
    expect(await keys()).toEqual([]);
    expect(home.lines.join('\n')).toContain('belongs to no release');
    expect(await release()).toMatchObject({ state: 'draft' });
  });

  test('is removed unread when the release was revoked meanwhile', async () => {
    await ada.putUpload('cam-rev-b', B);
    await ada.call(revokeRelease, { params, body: { reason: 'typo' } });
    await home.deliverUploads();
    expect(await keys()).toEqual([]);
    expect(await release()).toMatchObject({ state: 'revoked', reason: 'typo' });
  });
});
