import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ReleaseRevoked } from '#shared/contracts/events/release-events.ts';
import { type FirmwareHome, openFirmwareHome } from '../../testing/firmware-home.ts';
import { Manufacturer } from '../../testing/manufacturer.ts';
import { handler } from './handler.ts';

const IMAGES = { 'cam-rev-b': Buffer.from('firmware') };
const params = { product: 'cam', version: '2.1.0' };
const reason = 'bootloader erases calibration';

describe('revoking a release', () => {
  let home: FirmwareHome;
  let ada: Manufacturer;
  const revoke = (why = reason) => ada.call(handler, { params, body: { reason: why } });
  beforeEach(async () => {
    home = await openFirmwareHome();
    ada = new Manufacturer(home);
  });
  afterEach(() => home.close());

  test('of a published one waits for the orchestrator, and tells the bus why', async () => {
    await ada.publishFirst(IMAGES);
    expect(await revoke()).toMatchObject({ status: 202, answer: { state: 'revoking', reason } });
    await home.relay();
    const told = home.bus.find(({ type }) => type === 'ReleaseRevoked');
    expect(ReleaseRevoked.detail.parse(told?.detail)).toMatchObject({
      tenant: 'acme',
      ...params,
      sequence: 1,
      reason,
    });
    expect(home.written('audit#').at(-1)).toMatchObject({
      actor: 'operator:ada',
      action: 'release-revoking',
      reason,
      before: { state: 'published' },
      after: { state: 'revoking' },
    });
  });

  test('of one that was never published is done at once and told nobody', async () => {
    await ada.makeProduct();
    await ada.makeRelease(IMAGES);
    expect(await revoke()).toMatchObject({ status: 202, answer: { state: 'revoked', reason } });
    expect(home.written('outbox#')).toEqual([]);
    expect(home.written('audit#').at(-1)).toMatchObject({ action: 'release-revoked', reason });
  });

  test('repeated changes nothing, its reason neither', async () => {
    await ada.publishFirst(IMAGES);
    await revoke();
    expect(await revoke('another')).toMatchObject({ status: 202, answer: { state: 'revoking', reason } });
    expect(home.written('outbox#')).toHaveLength(2);
  });

  test('refuses a rejected release: it can never be published', async () => {
    await ada.makeProduct();
    await ada.makeRelease(IMAGES);
    await ada.putUpload('cam-rev-b', Buffer.from('torn'));
    await home.deliverUploads();
    expect(await revoke()).toMatchObject({ status: 409, answer: { error: { field: 'state' } } });
  });

  test('refuses to do it without a reason', async () => {
    await ada.publishFirst(IMAGES);
    expect(await revoke('')).toMatchObject({ status: 400, answer: { error: { field: 'reason' } } });
    expect(await revoke('x'.repeat(501))).toMatchObject({
      status: 400,
      answer: { error: { field: 'reason' } },
    });
  });

  test('knows no release of another tenant', async () => {
    await ada.publishFirst(IMAGES);
    const foreign = { params, body: { reason }, claims: { tenant: 'other' } };
    expect(await ada.call(handler, foreign)).toMatchObject({
      status: 404,
      answer: { error: { field: 'version' } },
    });
  });
});
