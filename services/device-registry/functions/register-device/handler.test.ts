import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestCaller, type TestHost } from '#host/testing/test-host.ts';
import { RefusedError, UnknownOutcomeError } from '#shared/errors/errors.ts';
import { CAM, entriesOf, register, registerTwiceAtOnce } from '../../testing/events.ts';

describe('registering a device', () => {
  let host: TestHost;
  beforeEach(async () => {
    host = await startTestHost({ services: ['device-registry'], strict: true });
  });
  afterEach(() => host.stop());

  const post = (body: unknown, caller: TestCaller = {}) => host.http('POST', '/devices', body, caller);

  test('hands out a certificate with a key made for the device', async () => {
    const { status, body } = await post(CAM);
    expect(status).toBe(201);
    expect(body).toMatchObject({ thing: 'acme:cam-0001', endpoint: 'localhost:8883' });
    expect(body.certificateId).toBe(host.identity.issued[0]?.certificateId);
    expect(body.certificate).toContain('BEGIN CERTIFICATE');
    expect(body.privateKey).toContain('BEGIN PRIVATE KEY');
    expect(body.authority).toContain('BEGIN CERTIFICATE');
  });

  test('hands out no key when the device made its own', async () => {
    const { body } = await post({ ...CAM, csr: 'request' });
    expect(host.identity.issued).toMatchObject([{ csrPem: 'request' }]);
    expect(body).not.toHaveProperty('privateKey');
  });

  test('gives the thing the attributes that the device policy reads', async () => {
    await post(CAM);
    expect(host.identity.issued).toMatchObject([
      { thing: 'acme:cam-0001', attributes: { tenant: 'acme', product: 'cam', hardware: 'cam-rev-b' } },
    ]);
  });

  test('tells the bus', async () => {
    await post({ ...CAM, tags: ['internal', 'bench'] });
    await host.advance(60_000);
    expect(host.events[0]).toMatchObject({
      source: 'evenkeel.device-registry',
      type: 'DeviceChanged',
      detail: { tenant: 'acme', deviceId: 'cam-0001', entityVersion: 1, tags: ['bench', 'internal'] },
    });
  });

  test('is in the audit log with who did it, and no secret is in any row', async () => {
    await post(CAM, { name: 'grace' });
    expect(await entriesOf(host, 'audit')).toMatchObject([
      { actor: 'operator:grace', action: 'register', before: null, after: { deviceId: 'cam-0001' } },
    ]);
    const { items } = await host.table('registry').query({ partition: 'D#acme:cam-0001', limit: 10 });
    expect(items).toHaveLength(3);
    expect(JSON.stringify(items)).not.toContain('PRIVATE KEY');
  });

  test('is refused for an id that is registered, and nothing is issued for it', async () => {
    await register(host);
    const { status, body } = await post(CAM);
    expect(status).toBe(409);
    expect(body.error).toMatchObject({ field: 'deviceId', code: 'wrong-state' });
    expect(body.error.rule).toMatch(/^is already registered/);
    expect(host.identity.issued).toHaveLength(1);
  });

  test('keeps the same id of two tenants apart', async () => {
    await register(host);
    const { body } = await post(CAM, { tenant: 'other' });
    expect(body.thing).toBe('other:cam-0001');
  });

  test('revokes the certificate of the one that came second when two come at once', async () => {
    const [slow, fast] = await registerTwiceAtOnce(host);
    expect(fast.status).toBe(201);
    expect(slow.status).toBe(409);
    expect(slow.body.error.rule).toMatch(/^is already registered/);
    const issued = host.identity.issued.map(({ certificateId }) => certificateId);
    const lost = issued.filter((id) => id !== fast.body.certificateId);
    expect(host.identity.revoked).toEqual([{ thing: 'acme:cam-0001', certificateId: lost[0] }]);
    expect(await entriesOf(host, 'audit')).toHaveLength(1);
  });

  test('begins anew after a crash between the certificate and the row', async () => {
    const { identity } = host;
    const issue = identity.issue.bind(identity);
    let dies = true;
    identity.issue = async (request) => {
      const issued = await issue(request);
      if (dies) throw new UnknownOutcomeError('the process died');
      return issued;
    };
    expect((await post(CAM)).status).toBe(500);
    dies = false;
    const { status, body } = await post(CAM);
    expect(status).toBe(201);
    expect(body.certificateId).toBe(identity.issued[1]?.certificateId);
  });

  test('takes a decommissioned device back as what it was, one version on', async () => {
    await register(host);
    await host.http('DELETE', '/devices/cam-0001');
    const other = await post({ ...CAM, hardware: 'cam-rev-c' });
    expect(other.status).toBe(400);
    expect(other.body.error).toMatchObject({ field: 'hardware' });
    await register(host);
    expect((await entriesOf(host, 'outbox')).map(({ detail }) => detail)).toMatchObject([
      { entityVersion: 1, decommissioned: false },
      { entityVersion: 2, decommissioned: true },
      { entityVersion: 3, decommissioned: false },
    ]);
  });

  test('with a CSR that cannot be read is refused by name', async () => {
    host.identity.issue = async () => {
      throw new RefusedError('csr', 'must be a PKCS#10 request in PEM');
    };
    const { status, body } = await post({ ...CAM, csr: 'torn' });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ field: 'csr' });
    expect(await entriesOf(host, 'outbox')).toEqual([]);
  });

  test('refuses what breaks a rule by name, and keeps nothing of it', async () => {
    const bad: [string, unknown][] = [
      ['deviceId', { ...CAM, deviceId: 'cam/1' }],
      ['deviceId', { ...CAM, deviceId: 'x'.repeat(44) }],
      ['product', { ...CAM, product: 'Cam' }],
      ['hardware', { ...CAM, hardware: '' }],
      ['tags.0', { ...CAM, tags: ['Not a tag'] }],
      ['tags', { ...CAM, tags: ['twice', 'twice'] }],
      ['tags', { ...CAM, tags: Array.from({ length: 33 }, (_, at) => `t${at}`) }],
      ['csr', { ...CAM, csr: 'x'.repeat(8193) }],
      ['owner', { ...CAM, owner: 'me' }],
    ];
    for (const [field, request] of bad) {
      const { status, body } = await post(request);
      expect([status, body.error.field]).toEqual([400, field]);
    }
    expect(host.identity.issued).toEqual([]);
  });

  test('is for manufacturers only', async () => {
    expect((await post(CAM, { role: 'operator' })).status).toBe(403);
    expect((await post(CAM, { role: 'manufacturer' })).status).toBe(201);
  });
});
