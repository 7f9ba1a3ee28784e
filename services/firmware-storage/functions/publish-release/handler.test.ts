import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ReleasePublished } from '#shared/contracts/events/release-events.ts';
import { keyIdOf } from '#shared/firmware/signature.ts';
import { type FirmwareHome, openFirmwareHome } from '../../testing/firmware-home.ts';
import { Manufacturer, manifestOf, signedBody } from '../../testing/manufacturer.ts';
import { handler as revokeRelease } from '../revoke-release/handler.ts';
import { handler as withdrawSigningKey } from '../withdraw-signing-key/handler.ts';
import { handler } from './handler.ts';

const IMAGE = Buffer.from('firmware');
const IMAGES = { 'cam-rev-b': IMAGE };
const params = { product: 'cam', version: '2.1.0' };

describe('publishing a release', () => {
  let home: FirmwareHome;
  let ada: Manufacturer;
  const publish = (claims?: Readonly<Record<string, string>>) =>
    ada.call(handler, { params, ...(claims && { claims }) });
  beforeEach(async () => {
    home = await openFirmwareHome();
    ada = new Manufacturer(home);
    await ada.makeProduct();
  });
  afterEach(() => home.close());

  async function verify(): Promise<void> {
    await ada.makeRelease(IMAGES, { from: { min: '1.0.0' } });
    await ada.putUpload('cam-rev-b', IMAGE);
    await home.deliverUploads();
  }

  test('lets a verified release be rolled out, and tells the bus all that an offer needs', async () => {
    await verify();
    const reply = await publish();
    expect(reply).toMatchObject({
      status: 200,
      answer: { state: 'published', publishedAtMs: home.world.now() },
    });
    await home.relay();
    const [event] = home.bus;
    expect(event).toMatchObject({ source: 'evenkeel.firmware-storage', type: 'ReleasePublished' });
    const manifest = manifestOf(IMAGES, { from: { min: '1.0.0' } });
    const sha256 = createHash('sha256').update(IMAGE).digest('hex');
    expect(ReleasePublished.detail.parse(event?.detail)).toEqual({
      id: event?.id,
      v: 1,
      tenant: 'acme',
      atMs: home.world.now(),
      ...params,
      sequence: 1,
      ...signedBody(JSON.stringify(manifest), ada.signer.privateKey),
      artifacts: [{ hardware: 'cam-rev-b', sha256, sizeBytes: IMAGE.length, key: `artifacts/${sha256}` }],
      fromMin: '1.0.0',
    });
  });

  test('is noted in the audit log with who did it', async () => {
    await verify();
    await publish({ sub: 'grace' });
    expect(home.written('audit#').at(-1)).toMatchObject({
      actor: 'operator:grace',
      action: 'release-published',
      before: { version: '2.1.0', state: 'verified' },
      after: { version: '2.1.0', state: 'published' },
    });
  });

  test('repeated, or done by two at once, is told once', async () => {
    await verify();
    const replies = await Promise.all([publish(), publish(), publish()]);
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await publish()).status).toBe(200);
    expect(home.written('outbox#')).toHaveLength(1);
    expect(home.written('audit#').filter(({ action }) => action === 'release-published')).toHaveLength(1);
  });

  test('refuses a release that is not verified yet', async () => {
    await ada.makeRelease(IMAGES);
    expect(await publish()).toMatchObject({
      status: 409,
      answer: {
        error: {
          code: 'wrong-state',
          field: 'state',
          rule: 'must be verified to be published, but is draft',
        },
      },
    });
    expect(home.written('outbox#')).toEqual([]);
  });

  test('refuses a rejected release and a revoked one', async () => {
    await ada.makeRelease(IMAGES);
    await ada.putUpload('cam-rev-b', Buffer.from('torn'));
    await home.deliverUploads();
    expect(await publish()).toMatchObject({ status: 409, answer: { error: { field: 'state' } } });
    await ada.makeRelease(IMAGES, { version: '2.1.1', sequence: 2 });
    const second = { params: { ...params, version: '2.1.1' } };
    await ada.call(revokeRelease, { ...second, body: { reason: 'typo' } });
    expect(await ada.call(handler, second)).toMatchObject({
      status: 409,
      answer: { error: { field: 'state' } },
    });
  });

  test('refuses what a key has signed that was withdrawn meanwhile', async () => {
    await verify();
    const keyId = keyIdOf(ada.signer.publicKey);
    const body = { reason: 'a build machine was broken into', leaveNone: true };
    await ada.call(withdrawSigningKey, { params: { product: 'cam', keyId }, body });
    expect(await publish()).toMatchObject({
      status: 409,
      answer: { error: { code: 'wrong-state', field: 'signature.keyId' } },
    });
    expect(home.written('outbox#')).toEqual([]);
  });

  test('does not publish what a key has signed that is withdrawn in the same moment', async () => {
    await verify();
    let isFirst = true;
    home.beforeWrite = async () => {
      if (!isFirst) return;
      isFirst = false;
      const keyId = keyIdOf(ada.signer.publicKey);
      await ada.call(withdrawSigningKey, {
        params: { product: 'cam', keyId },
        body: { reason: 'stolen', leaveNone: true },
      });
    };
    expect(await publish()).toMatchObject({
      status: 409,
      answer: { error: { code: 'wrong-state', field: 'signature.keyId' } },
    });
    expect(home.written('outbox#')).toEqual([]);
  });

  test('does not publish what is revoked in the same moment', async () => {
    await verify();
    let isFirst = true;
    home.beforeWrite = async () => {
      if (!isFirst) return;
      isFirst = false;
      await ada.call(revokeRelease, { params, body: { reason: 'no' } });
    };
    expect(await publish()).toMatchObject({ status: 409, answer: { error: { field: 'state' } } });
    expect(home.written('outbox#')).toEqual([]);
  });

  test('knows no release of another tenant, and is for manufacturers only', async () => {
    await verify();
    expect((await publish({ tenant: 'other' })).status).toBe(404);
    expect((await publish({ role: 'operator' })).status).toBe(403);
  });
});
