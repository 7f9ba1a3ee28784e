import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { ListReleases } from '#shared/contracts/api/firmware.ts';
import { type FirmwareHome, openFirmwareHome } from '../../testing/firmware-home.ts';
import { Manufacturer } from '../../testing/manufacturer.ts';
import { handler } from './handler.ts';

const IMAGES = { 'cam-rev-b': Buffer.from('firmware') };
const Page = z.object({
  releases: z.array(z.object({ version: z.string() })),
  cursor: z.string().optional(),
});

describe('listing releases', () => {
  let home: FirmwareHome;
  let ada: Manufacturer;
  const params = { product: 'cam' };
  const list = (query: Readonly<Record<string, string>> = {}) => ada.call(handler, { params, query });
  beforeEach(async () => {
    home = await openFirmwareHome();
    ada = new Manufacturer(home);
    await ada.makeProduct();
  });
  afterEach(() => home.close());

  async function makeReleases(count: number): Promise<void> {
    for (let at = 1; at <= count; at++) {
      await ada.makeRelease(IMAGES, { version: `1.0.${at}`, sequence: at * 9 });
    }
  }

  test('shows them by falling sequence, each once, in full pages of whatever size', async () => {
    await makeReleases(11);
    const newestFirst = Array.from({ length: 11 }, (_, at) => `1.0.${11 - at}`);
    for (const limit of [1, 4, 11, 100]) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const reply = await list({ limit: String(limit), ...(cursor !== undefined && { cursor }) });
        const page = Page.parse(reply.answer);
        expect(page.releases).toHaveLength(Math.min(limit, 11 - seen.length));
        seen.push(...page.releases.map(({ version }) => version));
        cursor = page.cursor;
      } while (cursor !== undefined);
      expect(seen).toEqual(newestFirst);
    }
  });

  test('answers as its contract says', async () => {
    await makeReleases(2);
    const { status, answer } = await list();
    expect(status).toBe(200);
    expect(ListReleases.answer.parse(answer)).toEqual(answer);
  });

  test('is empty for a product without any', async () => {
    expect(await list()).toEqual({ status: 200, answer: { releases: [] } });
  });

  test('refuses a product that does not exist, or is another tenant’s', async () => {
    const unknown = await ada.call(handler, { params: { product: 'tv' } });
    expect(unknown).toMatchObject({ status: 404, answer: { error: { field: 'product' } } });
    const foreign = await ada.call(handler, { params, claims: { tenant: 'other' } });
    expect(foreign).toMatchObject({ status: 404, answer: { error: { field: 'product' } } });
  });

  test.each([
    ['cursor', { cursor: 'x' }],
    ['cursor', { cursor: Buffer.from('below -1').toString('base64url') }],
    ['cursor', { cursor: Buffer.from('below 007').toString('base64url') }],
    ['limit', { limit: '0' }],
    ['limit', { limit: '101' }],
    ['order', { order: 'up' }],
  ])('refuses a bad %s by name', async (field, query) => {
    expect(await list(query)).toMatchObject({ status: 400, answer: { error: { field } } });
  });
});
