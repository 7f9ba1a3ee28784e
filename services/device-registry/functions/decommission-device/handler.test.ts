import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ThrottledError } from '#shared/errors/errors.ts';
import { request } from '../../testing/events.ts';
import { openRegistryHome, type RegistryHome } from '../../testing/registry-home.ts';
import { handler as register } from '../register-device/handler.ts';
import { handler as tag } from '../tag-device/handler.ts';
import { handler } from './handler.ts';

const params = { deviceId: 'cam-0001' };

describe('decommissioning a device', () => {
  let home: RegistryHome;
  let certificateId: string;
  beforeEach(async () => {
    home = openRegistryHome();
    const body = { ...params, product: 'cam', hardware: 'cam-rev-b' };
    const answer = await home.invoke(register, request({ body }));
    certificateId = JSON.parse(answer.body).certificateId;
  });
  afterEach(() => home.close());

  async function decommission(claims: Readonly<Record<string, string>> = {}) {
    const { statusCode, body } = await home.invoke(handler, request({ params, claims }));
    return { status: statusCode, answer: JSON.parse(body) };
  }
  const tombstones = () =>
    home.changes().filter(({ after }) => Object(after?.detail).decommissioned === true).length;

  test('revokes its certificate and tells the bus its tombstone', async () => {
    const { status, answer } = await decommission();
    expect(status).toBe(200);
    expect(answer).toMatchObject({ deviceId: 'cam-0001', decommissioned: true, entityVersion: 2 });
    expect(home.revoked).toEqual([certificateId]);
    expect(tombstones()).toBe(1);
  });

  test('writes who did it, with before and after, into the audit log', async () => {
    await decommission({ sub: 'grace' });
    const entry = home.changes().find(({ after }) => after?.action === 'decommission')?.after;
    expect(entry).toMatchObject({
      actor: 'operator:grace',
      thing: 'acme:cam-0001',
      before: { decommissioned: false },
      after: { decommissioned: true },
    });
  });

  test('answers the same when it comes twice, and tells it once', async () => {
    const { answer } = await decommission();
    expect((await decommission()).answer).toEqual(answer);
    expect(tombstones()).toBe(1);
  });

  test('has shut the device out when the tombstone could not be written, and ends the matter at the next call', async () => {
    home.beforeWrite = async () => {
      throw new ThrottledError('busy');
    };
    expect((await decommission()).status).toBe(429);
    expect(home.revoked).toEqual([certificateId]);
    home.beforeWrite = async () => undefined;
    expect((await decommission()).answer.decommissioned).toBe(true);
    expect(tombstones()).toBe(1);
  });

  test('holds against a change that comes in between', async () => {
    let isFirst = true;
    home.beforeWrite = async () => {
      if (!isFirst) return;
      isFirst = false;
      await home.invoke(tag, request({ params, body: { tags: ['late'] } }));
    };
    const { answer } = await decommission();
    expect(answer).toMatchObject({ decommissioned: true, tags: ['late'], entityVersion: 3 });
  });

  test('knows no device of another tenant', async () => {
    const { status, answer } = await decommission({ tenant: 'other' });
    expect(status).toBe(404);
    expect(answer.error.field).toBe('deviceId');
    expect(home.revoked).toEqual([]);
  });
});
