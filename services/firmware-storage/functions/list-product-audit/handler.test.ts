import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestCaller, type TestHost } from '#host/testing/test-host.ts';
import { ListProductAudit } from '#shared/contracts/api/audit.ts';
import { releaseCam } from '../../testing/released.ts';

describe('listing who decided what about a product', () => {
  let host: TestHost;
  beforeEach(async () => {
    host = await startTestHost({ services: ['firmware-storage'], strict: true });
    await releaseCam(host);
  });
  afterEach(() => host.stop());

  const get = (target: string, caller: TestCaller = {}) => host.http('GET', target, undefined, caller);

  test('gives pages, oldest first, as the contract says, to anybody of the tenant', async () => {
    const told: string[] = [];
    let cursor = '';
    do {
      const query = `limit=2${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
      const { status, body } = await get(`/products/cam/audit?${query}`, { role: 'viewer' });
      expect(status).toBe(200);
      const page = ListProductAudit.answer.parse(body);
      expect(page.entries.length).toBeLessThanOrEqual(2);
      told.push(...page.entries.map(({ text }) => JSON.parse(text).action));
      cursor = page.cursor ?? '';
    } while (cursor !== '');
    expect(told).toEqual([
      'create-product',
      'add-signing-key',
      'create-release',
      'release-verified',
      'release-published',
    ]);
  });

  test('knows no product that there is not, or of another tenant, as asking for it does not', async () => {
    const asked: [string, TestCaller][] = [
      ['lamp', {}],
      ['cam', { tenant: 'other' }],
    ];
    for (const [product, caller] of asked) {
      const { status, body } = await get(`/products/${product}/audit`, caller);
      const sibling = await get(`/products/${product}`, caller);
      expect([status, body.error]).toMatchObject([404, { code: 'not-found', field: 'product' }]);
      expect([sibling.status, sibling.body.error.rule]).toEqual([status, body.error.rule]);
    }
  });

  test('refuses by name what breaks a rule', async () => {
    const bad: [string, string][] = [
      ['product', '/products/Cam/audit'],
      ['limit', '/products/cam/audit?limit=0'],
      ['cursor', '/products/cam/audit?cursor=made-up'],
    ];
    for (const [field, target] of bad) {
      const { status, body } = await get(target);
      expect([target, status, body.error?.field]).toEqual([target, 400, field]);
    }
  });
});
