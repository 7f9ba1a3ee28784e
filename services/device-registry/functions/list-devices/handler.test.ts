import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { register, settled } from '../../testing/events.ts';

describe('listing devices', () => {
  let host: TestHost;
  beforeEach(async () => {
    host = await startTestHost({ services: ['device-registry'], strict: true });
  });
  afterEach(() => host.stop());

  async function add(tenant: string, ...deviceIds: readonly string[]) {
    for (const deviceId of deviceIds) await register(host, { deviceId }, { tenant });
    await settled(host);
  }
  const list = (query: string, tenant = 'acme') =>
    host.http('GET', `/devices?${query}`, undefined, { tenant, role: 'viewer' });
  const idsOf = (body: { devices: { deviceId: string }[] }) => body.devices.map(({ deviceId }) => deviceId);
  async function walk(limit: number, tenant = 'acme'): Promise<string[][]> {
    const pages: string[][] = [];
    let cursor: string | undefined;
    do {
      const { body } = await list(`limit=${limit}${cursor ? `&cursor=${cursor}` : ''}`, tenant);
      pages.push(idsOf(body));
      cursor = body.cursor;
    } while (cursor);
    return pages;
  }

  test('gives each device once, in order of id, page by page', async () => {
    await add('acme', 'a', 'a-', 'a-b', 'a0', 'aa', 'B', '_x', 'z');
    expect(await walk(3)).toEqual([
      ['B', '_x', 'a'],
      ['a-', 'a-b', 'a0'],
      ['aa', 'z'],
    ]);
  });

  test('gives no empty page after a full last one', async () => {
    await add('acme', 'a', 'b');
    expect(await walk(1)).toEqual([['a'], ['b']]);
  });

  test('shows the devices of the own tenant only, whosever cursor it is', async () => {
    await add('acme', 'a', 'b');
    await add('other', 'c', 'd');
    const { body } = await list('limit=1');
    expect(idsOf((await list(`cursor=${body.cursor}`, 'other')).body)).toEqual(['c', 'd']);
  });

  test('shows devices that are out of service as such', async () => {
    await add('acme', 'a', 'b');
    await host.http('DELETE', '/devices/a');
    await settled(host);
    const { body } = await list('');
    expect(body.devices).toMatchObject([
      { deviceId: 'a', decommissioned: true },
      { deviceId: 'b', decommissioned: false },
    ]);
  });

  test('is empty where there is nothing', async () => {
    expect(await list('')).toEqual({ status: 200, body: { devices: [] } });
  });

  test('refuses a query that breaks a rule by name', async () => {
    const bad = [
      ['limit', 'limit=0'],
      ['limit', 'limit=101'],
      ['limit', 'limit=all'],
      ['cursor', 'cursor=Y2F0IQ'],
      ['cursor', `cursor=${'x'.repeat(2049)}`],
      ['page', 'page=2'],
    ] as const;
    for (const [field, query] of bad) {
      const { status, body } = await list(query);
      expect([status, body.error.field]).toEqual([400, field]);
    }
  });
});
