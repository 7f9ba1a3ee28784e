import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestCaller, type TestHost } from '#host/testing/test-host.ts';
import { ThrottledError } from '#shared/errors/errors.ts';
import { entriesOf, register } from '../../testing/events.ts';

describe('decommissioning a device', () => {
  let host: TestHost;
  let certificateId: string;
  beforeEach(async () => {
    host = await startTestHost({ services: ['device-registry'], strict: true });
    certificateId = await register(host);
  });
  afterEach(() => host.stop());

  const decommission = (caller: TestCaller = {}) =>
    host.http('DELETE', '/devices/cam-0001', undefined, caller);
  const told = async () => (await entriesOf(host, 'outbox')).map(({ detail }) => detail);

  test('revokes its certificate and tells the bus its tombstone', async () => {
    const { status, body } = await decommission();
    expect(status).toBe(200);
    expect(body).toMatchObject({ deviceId: 'cam-0001', decommissioned: true, entityVersion: 2 });
    expect(host.identity.revoked).toEqual([{ thing: 'acme:cam-0001', certificateId }]);
    await host.advance(60_000);
    const tombstone = host.events.find(({ detail }) => detail.decommissioned === true);
    expect(tombstone?.detail).toMatchObject({ deviceId: 'cam-0001', entityVersion: 2 });
  });

  test('writes who did it, with before and after, into the audit log', async () => {
    await decommission({ name: 'grace' });
    expect((await entriesOf(host, 'audit'))[1]).toMatchObject({
      actor: 'operator:grace',
      action: 'decommission',
      about: 'acme:cam-0001',
      before: { decommissioned: false },
      after: { decommissioned: true },
    });
  });

  test('writes why, where that is said', async () => {
    await host.http('DELETE', '/devices/cam-0001?reason=scrapped%20in%20hall%203');
    expect((await entriesOf(host, 'audit'))[1]).toMatchObject({
      action: 'decommission',
      reason: 'scrapped in hall 3',
    });
    const { status, body } = await host.http('DELETE', '/devices/cam-0001?reason=');
    expect([status, body.error.field]).toEqual([400, 'reason']);
  });

  test('answers the same when it comes twice, and tells it once', async () => {
    const { body } = await decommission();
    expect((await decommission()).body).toEqual(body);
    expect(await told()).toHaveLength(2);
  });

  test('has shut the device out before it calls it decommissioned, and ends the matter at the next call', async () => {
    const { identity } = host;
    const revoke = identity.revoke.bind(identity);
    let dies = true;
    identity.revoke = async (thing, certificate) => {
      await revoke(thing, certificate);
      if (dies) throw new ThrottledError('the process died');
    };
    expect((await decommission()).status).toBe(429);
    expect(await told()).toHaveLength(1);
    dies = false;
    expect((await decommission()).body.decommissioned).toBe(true);
    expect(await told()).toHaveLength(2);
  });

  test('holds against changes that come at the same time', async () => {
    await Promise.all([
      decommission(),
      host.http('PUT', '/devices/cam-0001/tags', { tags: ['late'] }),
      host.http('PUT', '/devices/cam-0001/tags', { tags: ['later'] }),
    ]);
    const { body } = await host.http('GET', '/devices/cam-0001');
    expect(body.decommissioned).toBe(true);
    const versions = (await told()).map((detail) => Object(detail).entityVersion);
    expect(versions).toEqual(versions.map((_, at) => at + 1));
    expect((await told()).at(-1)).toMatchObject({ decommissioned: true });
  });

  test('knows no device of another tenant', async () => {
    const { status, body } = await decommission({ tenant: 'other' });
    expect(status).toBe(404);
    expect(body.error.field).toBe('deviceId');
    expect(host.identity.revoked).toEqual([]);
  });

  test('is for manufacturers only', async () => {
    expect((await decommission({ role: 'operator' })).status).toBe(403);
  });
});
