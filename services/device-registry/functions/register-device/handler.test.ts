import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { UnknownOutcomeError } from '#shared/errors/errors.ts';
import { request } from '../../testing/events.ts';
import { openRegistryHome, type RegistryHome } from '../../testing/registry-home.ts';
import { handler as decommission } from '../decommission-device/handler.ts';
import { handler } from './handler.ts';

const FACTS = { deviceId: 'cam-0001', product: 'cam', hardware: 'cam-rev-b' };

describe('registering a device', () => {
  let home: RegistryHome;
  beforeEach(() => {
    home = openRegistryHome();
  });
  afterEach(() => home.close());

  async function register(body: unknown, claims: Readonly<Record<string, string>> = {}) {
    const { statusCode, body: text } = await home.invoke(handler, request({ body, claims }));
    return { status: statusCode, answer: JSON.parse(text) };
  }
  const entries = (prefix: string) =>
    home.changes().flatMap(({ after }) => (String(after?.sk).startsWith(prefix) ? [after] : []));

  test('hands out a certificate with a key made for the device', async () => {
    const { status, answer } = await register(FACTS);
    expect(status).toBe(201);
    expect(answer).toMatchObject({
      thing: 'acme:cam-0001',
      certificate: 'certificate 1',
      privateKey: 'key 1',
      authority: 'authority',
      endpoint: 'localhost:8883',
    });
  });

  test('hands out no key when the device made its own', async () => {
    const { answer } = await register({ ...FACTS, csr: 'request' });
    expect(answer.certificate).toBe('certificate 1');
    expect(answer).not.toHaveProperty('privateKey');
  });

  test('gives the thing the attributes that the device policy reads', async () => {
    await register(FACTS);
    expect(home.issued).toEqual([
      { thing: 'acme:cam-0001', attributes: { tenant: 'acme', product: 'cam', hardware: 'cam-rev-b' } },
    ]);
  });

  test('tells the bus and the audit log in the transaction that makes the device', async () => {
    await register({ ...FACTS, tags: ['internal', 'bench'] });
    const [outbox] = entries('outbox#');
    expect(outbox).toMatchObject({
      source: 'evenkeel.device-registry',
      type: 'DeviceChanged',
      detail: { tenant: 'acme', deviceId: 'cam-0001', entityVersion: 1, tags: ['bench', 'internal'] },
    });
    const [audit] = entries('audit#');
    expect(audit).toMatchObject({ actor: 'operator:ada', action: 'register', before: null });
    expect(JSON.stringify(home.changes())).not.toContain('key 1');
  });

  test('refuses a second registration of the same id and issues nothing for it', async () => {
    await register(FACTS);
    const { status, answer } = await register(FACTS);
    expect(status).toBe(409);
    expect(answer.error).toMatchObject({ field: 'deviceId', code: 'wrong-state' });
    expect(home.issued).toHaveLength(1);
  });

  test('keeps the same id of two tenants apart', async () => {
    await register(FACTS);
    const { status, answer } = await register(FACTS, { tenant: 'other' });
    expect(status).toBe(201);
    expect(answer.thing).toBe('other:cam-0001');
  });

  test('revokes the certificate of the one that came second when two register at once', async () => {
    let isFirst = true;
    home.beforeWrite = async () => {
      if (!isFirst) return;
      isFirst = false;
      await register(FACTS);
    };
    const { status, answer } = await register(FACTS);
    expect(status).toBe(409);
    expect(answer.error.field).toBe('deviceId');
    expect(home.issued).toHaveLength(2);
    expect(home.revoked).toHaveLength(1);
    expect(entries('audit#')).toHaveLength(1);
  });

  test('begins anew after a crash between the certificate and the row', async () => {
    home.beforeWrite = async () => {
      throw new UnknownOutcomeError('the process died');
    };
    expect((await register(FACTS)).status).toBe(500);
    home.beforeWrite = async () => undefined;
    const { status, answer } = await register(FACTS);
    expect(status).toBe(201);
    expect(answer.certificate).toBe('certificate 2');
  });

  test('takes a decommissioned device back as what it was, one version on', async () => {
    await register(FACTS);
    await home.invoke(decommission, request({ params: { deviceId: 'cam-0001' } }));
    const other = await register({ ...FACTS, hardware: 'cam-rev-c' });
    expect(other.status).toBe(400);
    expect(other.answer.error).toMatchObject({ field: 'hardware' });
    expect((await register(FACTS)).status).toBe(201);
    expect(entries('outbox#').map((entry) => entry?.detail)).toMatchObject([
      { entityVersion: 1, decommissioned: false },
      { entityVersion: 2, decommissioned: true },
      { entityVersion: 3, decommissioned: false },
    ]);
  });

  test.each([
    ['deviceId', { ...FACTS, deviceId: 'cam/1' }],
    ['deviceId', { ...FACTS, deviceId: 'x'.repeat(44) }],
    ['product', { ...FACTS, product: 'Cam' }],
    ['hardware', { ...FACTS, hardware: '' }],
    ['tags.0', { ...FACTS, tags: ['Not a tag'] }],
    ['tags', { ...FACTS, tags: ['twice', 'twice'] }],
    ['tags', { ...FACTS, tags: Array.from({ length: 33 }, (_, at) => `t${at}`) }],
    ['csr', { ...FACTS, csr: 'x'.repeat(8193) }],
    ['csr', { ...FACTS, csr: 'torn' }],
    ['owner', { ...FACTS, owner: 'me' }],
  ])('refuses a bad %s by name and keeps nothing', async (field, body) => {
    const { status, answer } = await register(body);
    expect(status).toBe(400);
    expect(answer.error).toMatchObject({ code: 'refused', field });
    expect(home.issued).toEqual([]);
    expect(home.changes()).toEqual([]);
  });

  test('is for manufacturers only', async () => {
    expect((await register(FACTS, { role: 'operator' })).status).toBe(403);
    expect((await register(FACTS, { role: 'manufacturer' })).status).toBe(201);
  });
});
