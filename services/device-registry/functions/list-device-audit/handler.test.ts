import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestCaller, type TestHost } from '#host/testing/test-host.ts';
import { ListDeviceAudit } from '#shared/contracts/api/audit.ts';
import { register } from '../../testing/events.ts';

describe('listing who decided what about a device', () => {
  let host: TestHost;
  beforeEach(async () => {
    host = await startTestHost({ services: ['device-registry'], strict: true });
    await register(host);
    for (const tag of ['lab', 'field', 'hall-3']) {
      // The log is in the order of its milliseconds.
      await host.advance(1);
      await host.http('PUT', '/devices/cam-0001/tags', { tags: [tag] });
    }
  });
  afterEach(() => host.stop());

  const get = (target: string, caller: TestCaller = {}) => host.http('GET', target, undefined, caller);

  test('gives pages, oldest first, as the contract says, to anybody of the tenant', async () => {
    const actions: string[] = [];
    let cursor = '';
    do {
      const query = `limit=2${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
      const { status, body } = await get(`/devices/cam-0001/audit?${query}`, { role: 'viewer' });
      expect(status).toBe(200);
      const page = ListDeviceAudit.answer.parse(body);
      expect(page.entries.length).toBeLessThanOrEqual(2);
      actions.push(
        ...page.entries
          .map(({ text }) => JSON.parse(text))
          .map(({ action, after }) => `${action} ${after.tags}`),
      );
      cursor = page.cursor ?? '';
    } while (cursor !== '');
    expect(actions).toEqual(['register ', 'tag lab', 'tag field', 'tag hall-3']);
  });

  test('still tells of a device that is out of service', async () => {
    await host.http('DELETE', '/devices/cam-0001');
    expect((await get('/devices/cam-0001/audit')).status).toBe(200);
  });

  test('knows no device that is not registered, or of another tenant, as asking for it does not', async () => {
    const asked: [string, TestCaller][] = [
      ['cam-0002', {}],
      ['cam-0001', { tenant: 'other' }],
    ];
    for (const [deviceId, caller] of asked) {
      const { status, body } = await get(`/devices/${deviceId}/audit`, caller);
      const sibling = await get(`/devices/${deviceId}`, caller);
      expect([status, body.error]).toEqual([
        404,
        expect.objectContaining({ code: 'not-found', field: 'deviceId' }),
      ]);
      expect([sibling.status, sibling.body.error.rule]).toEqual([status, body.error.rule]);
    }
  });

  test('refuses by name what breaks a rule', async () => {
    const bad: [string, string][] = [
      ['deviceId', '/devices/cam%2F1/audit'],
      ['limit', '/devices/cam-0001/audit?limit=101'],
      ['cursor', '/devices/cam-0001/audit?cursor=made-up'],
    ];
    for (const [field, target] of bad) {
      const { status, body } = await get(target);
      expect([target, status, body.error?.field]).toEqual([target, 400, field]);
    }
  });
});
