import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import type { FleetDevice, VersionCount } from '#shared/contracts/api/fleet.ts';
import { deviceKey } from '../../stores/keys.ts';
import { ScriptedDevice } from '../../testing/scripted-device.ts';

const ROLLOUT = '01JD4Z6Q7R8S9T0V1W00000001';
const SCOPE = { services: ['rollout-orchestrator'], strict: true };

interface Body {
  readonly devices: FleetDevice[];
  readonly versions: VersionCount[];
  readonly unreadable: { deviceId: string; what: string }[];
  readonly looked: number;
  readonly cursor?: string;
}
const idsOf = ({ devices }: Pick<Body, 'devices'>) => devices.map(({ deviceId }) => deviceId).sort();

let host: TestHost;
const query = (asked: Readonly<Record<string, string | number>>, tenant = 'acme') => {
  const text = new URLSearchParams();
  for (const [name, value] of Object.entries(asked)) text.set(name, String(value));
  return host.http('GET', `/fleet?${text}`, undefined, { tenant, role: 'viewer' });
};
async function list(asked: Readonly<Record<string, string | number>> = {}, tenant?: string): Promise<Body> {
  const { status, body } = await query(asked, tenant);
  expect(status).toBe(200);
  return body;
}
/** All pages. */
async function walk(asked: Readonly<Record<string, string | number>>): Promise<Body[]> {
  const pages = [await list(asked)];
  for (let last = pages.at(-1); last?.cursor !== undefined; last = pages.at(-1))
    pages.push(await list({ ...asked, cursor: last.cursor }));
  return pages;
}
/** How many devices run what, over all pages, in the order of the words. */
function summed(pages: readonly Body[]): [what: string, devices: number][] {
  const sums = new Map<string, number>();
  for (const { product, hardware, version = 'unknown', devices } of pages.flatMap((one) => one.versions)) {
    const what = `${product} ${hardware} ${version}`;
    sums.set(what, (sums.get(what) ?? 0) + devices);
  }
  return [...sums].sort();
}

describe('what a fleet runs', () => {
  const trouble = { rollout: ROLLOUT, what: 'mismatch', times: 3 };

  beforeAll(async () => {
    host = await startTestHost(SCOPE);
    const fleet = [
      { name: 'old-1', version: '1.0.0', facts: { tags: ['lab'] }, says: { trouble } },
      { name: 'old-2', version: '1.0.0', facts: {}, says: {} },
      { name: 'new-1', version: '1.2.0', facts: { tags: ['lab'] }, says: {} },
      { name: 'odd-1', version: 'factory-7', facts: { product: 'tv' }, says: {} },
      { name: 'out-1', version: '1.0.0', facts: {}, says: {} },
    ];
    for (const { name, version, facts, says } of fleet) {
      const device = new ScriptedDevice(host, name, version);
      await device.register(facts);
      await device.check(says);
      if (name === 'out-1') await device.register({ entityVersion: 2, decommissioned: true });
    }
    await new ScriptedDevice(host, 'mute-1').register();
    await host.advance(2_000);
  });
  afterAll(() => host.stop());

  test('is listed, of each device that is in service', async () => {
    const body = await list();
    expect(idsOf(body)).toEqual(['mute-1', 'new-1', 'odd-1', 'old-1', 'old-2']);
    const of = (name: string) => body.devices.find(({ deviceId }) => deviceId === name);
    expect(of('old-1')).toEqual({
      deviceId: 'old-1',
      product: 'cam',
      hardware: 'cam-rev-b',
      tags: ['lab'],
      running: { version: '1.0.0', seenAtMs: expect.any(Number) },
      trouble,
      quarantined: false,
    });
    expect(of('mute-1')).not.toHaveProperty('running');
    expect(body).not.toHaveProperty('cursor');
  });

  test.each([
    ['version = "1.0.0"', ['old-1', 'old-2']],
    ['version < "1.2.0"', ['old-1', 'old-2']],
    ['version < "1.2.0" and tag("lab")', ['old-1']],
    ['version unknown', ['mute-1', 'odd-1']],
    ['product = "tv"', ['odd-1']],
    ['not all', []],
  ])('is listed of those that fit %s', async (where, ids) => {
    expect(idsOf(await list({ where }))).toEqual(ids);
  });

  test('is listed of those that are in trouble with a download', async () => {
    expect(idsOf(await list({ inTrouble: 'true' }))).toEqual(['old-1']);
    expect(idsOf(await list({ inTrouble: 'true', where: 'version = "1.2.0"' }))).toEqual([]);
  });

  test('is counted by product, hardware and version, of those that fit alone', async () => {
    expect(summed([await list({ limit: 0 })])).toEqual([
      ['cam cam-rev-b 1.0.0', 2],
      ['cam cam-rev-b 1.2.0', 1],
      ['cam cam-rev-b unknown', 1],
      ['tv cam-rev-b factory-7', 1],
    ]);
    expect(await list({ limit: 0, where: 'tag("lab")' })).toMatchObject({ devices: [], looked: 6 });
    expect(summed([await list({ limit: 0, where: 'tag("lab")' })])).toEqual([
      ['cam cam-rev-b 1.0.0', 1],
      ['cam cam-rev-b 1.2.0', 1],
    ]);
  });

  test('comes page by page, each device once and counted once', async () => {
    const pages = await walk({ limit: 1 });
    expect(pages.every(({ devices }) => devices.length <= 1)).toBe(true);
    expect(pages.flatMap(idsOf).sort()).toEqual(idsOf(await list()));
    expect(summed(pages)).toEqual(summed([await list()]));
  });

  test('is nothing to another tenant, whosever cursor it brings', async () => {
    const { cursor = '' } = await list({ limit: 1 });
    expect(await list({}, 'other')).toEqual({ devices: [], versions: [], unreadable: [], looked: 0 });
    expect((await list({ cursor }, 'other')).looked).toBe(0);
  });

  test.each([
    ['where', { where: 'version is old' }, 'at 9: expected =, !=, <'],
    ['where', { where: '' }, 'at 1: expected all'],
    ['where', { where: 'x'.repeat(2001) }, ''],
    ['where', { where: 'not '.repeat(33) }, 'nested more than 32 deep'],
    ['limit', { limit: 101 }, 'from 0 to 100'],
    ['limit', { limit: -1 }, 'from 0 to 100'],
    ['cursor', { cursor: 'Y2F0IQ' }, 'one that a listing gave'],
    ['inTrouble', { inTrouble: 'false' }, 'must be true, or absent'],
    ['version', { version: '1.0.0' }, ''],
  ])('refuses what breaks a rule by its name: %s in %j', async (field, asked, rule) => {
    const { status, body } = await query(asked);
    expect([status, body.error.field]).toEqual([400, field]);
    expect(body.error.rule).toContain(rule);
  });
});

describe('what a large fleet runs', () => {
  beforeAll(async () => {
    host = await startTestHost(SCOPE);
    const facts = { product: 'cam', hardware: 'cam-rev-b', tags: [], attributes: {}, decommissioned: false };
    const items = Array.from({ length: 6_000 }, (_, n) => ({
      ...deviceKey('acme', `cam-${n}`),
      entityVersion: 1,
      ...facts,
      ...(n === 4_321 && { floor: 'none' }),
      running: {
        version: n % 600 === 1 ? '1.0.0' : '1.2.0',
        hardware: 'cam-rev-b',
        bootId: 'boot-12345',
        confirmed: true,
        seenAtMs: host.world.now(),
      },
    }));
    await host.table('rollouts').putAll(items);
    await host.advance(2_000);
  });
  afterAll(() => host.stop());

  test('is looked at by about a thousand devices at a call, however few fit', async () => {
    const pages = await walk({ where: 'version = "1.0.0"' });
    expect(pages.length).toBeGreaterThanOrEqual(6);
    for (const { looked } of pages) expect(looked).toBeLessThanOrEqual(1_200);
    expect(pages.flatMap(idsOf)).toHaveLength(10);
    expect(pages.reduce((sum, { looked }) => sum + looked, 0)).toBe(6_000);
  });

  test('is listed page by page, each device once, though a page ends within what was read at once', async () => {
    const ids = (await walk({ limit: 100 })).flatMap(idsOf);
    expect(ids).toHaveLength(5_999);
    expect(new Set(ids).size).toBe(5_999);
  });

  test('is counted exactly over all pages, but for what cannot be read, which is named', async () => {
    const pages = await walk({ limit: 0 });
    expect(summed(pages)).toEqual([
      ['cam cam-rev-b 1.0.0', 10],
      ['cam cam-rev-b 1.2.0', 5_989],
    ]);
    expect(pages.flatMap(({ unreadable }) => unreadable)).toEqual([
      { deviceId: 'cam-4321', what: expect.stringContaining('floor') },
    ]);
  });
});
