import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { toRow } from '../../stores/device-row.ts';
import { batch, lifecycle, register, settled } from '../../testing/events.ts';

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

  describe('chosen', () => {
    const DAY_MS = 86_400_000;
    const chosen = async (query: string) => {
      const { status, body } = await list(query);
      expect(status).toBe(200);
      return idsOf(body);
    };

    test('by what the registry knows of them, all of it together', async () => {
      await register(host, { deviceId: 'DOCK-17', hardware: 'cam-rev-c', tags: ['early', 'hall'] });
      await register(host, { deviceId: 'hall-1', tags: ['early'] });
      await register(host, { deviceId: 'hall-2', product: 'lamp', tags: ['hall'] });
      await host.http('DELETE', '/devices/hall-2');
      await settled(host);
      expect(await chosen('id=dock')).toEqual(['DOCK-17']);
      expect(await chosen('product=lamp')).toEqual(['hall-2']);
      expect(await chosen('hardware=cam-rev-b')).toEqual(['hall-1', 'hall-2']);
      expect(await chosen('tag=early')).toEqual(['DOCK-17', 'hall-1']);
      expect(await chosen('tag=early,hall')).toEqual(['DOCK-17']);
      expect(await chosen('presence=never')).toEqual(['DOCK-17', 'hall-1']);
      expect(await chosen('presence=decommissioned')).toEqual(['hall-2']);
      expect(await chosen('tag=early&id=hall&presence=never')).toEqual(['hall-1']);
    });

    test('by not having been connected for so many days, or ever since they were registered', async () => {
      await add('acme', 'gone', 'here', 'never', 'out');
      await host.http('DELETE', '/devices/out');
      const tell = (kind: 'Connected' | 'Disconnected', deviceId: string) => {
        const event = lifecycle(`session-${deviceId}`, host.world.now(), `acme:${deviceId}`);
        return host.invoke(`onDevice${kind}`, batch(event));
      };
      await tell('Connected', 'here');
      await tell('Connected', 'gone');
      await tell('Disconnected', 'gone');
      await settled(host);
      await host.advance(3 * DAY_MS);
      await add('acme', 'fresh');
      expect(await chosen('unseenDays=3')).toEqual(['gone', 'never']);
      expect(await chosen('unseenDays=4')).toEqual([]);
      expect(await chosen('unseenDays=3&presence=never')).toEqual(['never']);
    });

    test('page by page, none twice and none left out, and says how many were looked at', async () => {
      for (let n = 0; n < 8; n += 1)
        await register(host, { deviceId: `cam-${n}`, tags: n % 2 === 0 ? ['even'] : [] });
      await settled(host);
      const { body: first } = await list('tag=even&limit=3');
      expect([idsOf(first), first.looked]).toEqual([['cam-0', 'cam-2', 'cam-4'], 8]);
      const { body: rest } = await list(`tag=even&limit=3&cursor=${first.cursor}`);
      expect(rest).toMatchObject({ devices: [{ deviceId: 'cam-6' }], looked: 3 });
      expect(rest.cursor).toBeUndefined();
      expect((await list('limit=3')).body.looked).toBeUndefined();
    });

    test('of at most a thousand devices in one call, which goes on where it ended', async () => {
      const ids = Array.from({ length: 1_050 }, (_, n) => `cam-${String(n).padStart(4, '0')}`);
      await host.table('registry').putAll(
        ids.map((deviceId) =>
          toRow({
            tenant: 'acme',
            deviceId,
            product: 'cam',
            hardware: 'cam-rev-b',
            tags: deviceId === 'cam-1049' ? ['last'] : [],
            attributes: {},
            entityVersion: 1,
            certificateId: 'f'.repeat(64),
            registeredAtMs: host.world.now(),
            decommissioned: false,
          }),
        ),
      );
      await settled(host);
      const { body } = await list('tag=last');
      expect(body).toMatchObject({ devices: [], looked: 1_000, cursor: expect.any(String) });
      const { body: rest } = await list(`tag=last&cursor=${body.cursor}`);
      expect(rest).toMatchObject({ devices: [{ deviceId: 'cam-1049' }], looked: 50 });
      expect(rest.cursor).toBeUndefined();
    });
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
      ['tag', 'tag='],
      ['tag', 'tag=a,a'],
      ['presence', 'presence=gone'],
      ['unseenDays', 'unseenDays=0'],
      ['id', `id=${'x'.repeat(44)}`],
    ] as const;
    for (const [field, query] of bad) {
      const { status, body } = await list(query);
      expect([status, body.error.field]).toEqual([400, field]);
    }
  });
});
