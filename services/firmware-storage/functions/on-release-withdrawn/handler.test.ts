import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ReleaseWithdrawn } from '#shared/contracts/events/release-events.ts';
import { type FirmwareHome, openFirmwareHome } from '../../testing/firmware-home.ts';
import { Manufacturer } from '../../testing/manufacturer.ts';
import { handler as getRelease } from '../get-release/handler.ts';
import { handler as revokeRelease } from '../revoke-release/handler.ts';
import { handler } from './handler.ts';

const params = { product: 'cam', version: '2.1.0' };

describe('the orchestrator’s word that a release is withdrawn', () => {
  let home: FirmwareHome;
  let ada: Manufacturer;
  const state = async () => (await ada.call(getRelease, { params })).answer;
  const withdraw = (facts: Readonly<Record<string, unknown>> = {}) => {
    const [example] = ReleaseWithdrawn.examples;
    const { source, type } = ReleaseWithdrawn;
    const detail = { ...example, ...params, sequence: 1, ...facts };
    return home.invoke(handler, { source, 'detail-type': type, detail });
  };
  beforeEach(async () => {
    home = await openFirmwareHome();
    ada = new Manufacturer(home);
    await ada.publishFirst({ 'cam-rev-b': Buffer.from('firmware') });
  });
  afterEach(() => home.close());

  test('ends its revocation', async () => {
    await ada.call(revokeRelease, { params, body: { reason: 'smoke' } });
    await withdraw();
    expect(await state()).toMatchObject({ state: 'revoked', reason: 'smoke' });
    expect(home.written('audit#').at(-1)).toMatchObject({ actor: 'evenkeel', action: 'release-revoked' });
  });

  test('heard twice changes nothing the second time', async () => {
    await ada.call(revokeRelease, { params, body: { reason: 'smoke' } });
    await Promise.all([withdraw(), withdraw()]);
    const rows = home.written('release#').length;
    await withdraw();
    expect(home.written('release#')).toHaveLength(rows);
  });

  test('revokes nothing that nobody asked to revoke', async () => {
    await withdraw();
    expect(await state()).toMatchObject({ state: 'published' });
    expect(home.lines.join('\n')).toContain('nobody revoked');
  });

  test('of another tenant’s release, or one that does not exist, is passed over', async () => {
    await ada.call(revokeRelease, { params, body: { reason: 'smoke' } });
    await withdraw({ tenant: 'other' });
    await withdraw({ version: '9.9.9' });
    expect(await state()).toMatchObject({ state: 'revoking' });
  });

  test('fails when it breaks its contract, so that it is kept for a person', async () => {
    await expect(withdraw({ tenant: 'Not A Tenant' })).rejects.toThrow();
  });
});
