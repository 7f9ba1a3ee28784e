import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { request } from '../../testing/events.ts';
import { openRegistryHome, type RegistryHome } from '../../testing/registry-home.ts';
import { handler as register } from '../register-device/handler.ts';
import { handler } from './handler.ts';

describe('listing devices', () => {
  let home: RegistryHome;
  beforeEach(async () => {
    home = openRegistryHome();
  });
  afterEach(() => home.close());

  async function add(tenant: string, deviceIds: readonly string[]) {
    for (const deviceId of deviceIds) {
      const body = { deviceId, product: 'cam', hardware: 'cam-rev-b' };
      await home.invoke(register, request({ body, claims: { tenant } }));
    }
    await home.settle();
  }
  async function list(query: Readonly<Record<string, string>>, tenant = 'acme') {
    const { statusCode, body } = await home.invoke(handler, request({ query, claims: { tenant } }));
    return { status: statusCode, answer: JSON.parse(body) };
  }
  async function walk(limit: number, tenant = 'acme'): Promise<string[][]> {
    const pages: string[][] = [];
    let cursor: string | undefined;
    do {
      const { answer } = await list({ limit: String(limit), ...(cursor && { cursor }) }, tenant);
      pages.push(answer.devices.map((device: { deviceId: string }) => device.deviceId));
      cursor = answer.cursor;
    } while (cursor);
    return pages;
  }

  test('gives each device once, in order of id, page by page', async () => {
    await add('acme', ['a', 'a-', 'a-b', 'a0', 'aa', 'B', '_x', 'z']);
    const pages = await walk(3);
    expect(pages.flat()).toEqual(['B', '_x', 'a', 'a-', 'a-b', 'a0', 'aa', 'z']);
    expect(pages.map((page) => page.length)).toEqual([3, 3, 2]);
  });

  test('shows the devices of the own tenant only, whosever cursor it is', async () => {
    await add('acme', ['a', 'b']);
    await add('other', ['c', 'd']);
    const { answer } = await list({ limit: '1' });
    expect(await walk(1, 'other')).toEqual([['c'], ['d']]);
    const { answer: theirs } = await list({ cursor: answer.cursor }, 'other');
    expect(theirs.devices.map((device: { deviceId: string }) => device.deviceId)).toEqual(['c', 'd']);
  });

  test('is empty where there is nothing', async () => {
    expect(await list({})).toEqual({ status: 200, answer: { devices: [] } });
  });

  test.each([
    ['limit', { limit: '0' }],
    ['limit', { limit: '101' }],
    ['limit', { limit: 'all' }],
    ['cursor', { cursor: 'Y2F0IQ' }],
    ['cursor', { cursor: '' }],
    ['cursor', { cursor: 'x'.repeat(2049) }],
    ['page', { page: '2' }],
  ])('refuses a bad %s by name', async (field, query) => {
    const { status, answer } = await list(query);
    expect(status).toBe(400);
    expect(answer.error).toMatchObject({ field });
  });
});
