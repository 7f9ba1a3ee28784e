import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ListProducts } from '#shared/contracts/api/firmware.ts';
import { type FirmwareHome, openFirmwareHome } from '../../testing/firmware-home.ts';
import { Manufacturer } from '../../testing/manufacturer.ts';
import { handler as createProduct } from '../create-product/handler.ts';
import { handler } from './handler.ts';

const LAG_MS = 5_000;

describe('listing products', () => {
  let home: FirmwareHome;
  let ada: Manufacturer;
  beforeEach(async () => {
    home = await openFirmwareHome();
    ada = new Manufacturer(home);
  });
  afterEach(() => home.close());

  async function make(tenant: string, ...products: readonly string[]): Promise<void> {
    for (const product of products) {
      await ada.call(createProduct, { body: { product, hardware: ['rev-b'] }, claims: { tenant } });
    }
    // Indexes are up to a second late.
    await home.world.advance(LAG_MS);
  }
  const list = (query: Readonly<Record<string, string>> = {}, tenant = 'acme') =>
    ada.call(handler, { query, claims: { tenant, role: 'viewer' } });

  async function walk(limit: number): Promise<string[]> {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const { answer } = await list({ limit: String(limit), ...(cursor !== undefined && { cursor }) });
      const page = ListProducts.answer.parse(answer);
      expect(page).toEqual(answer);
      expect(page.products.length).toBeGreaterThan(0);
      seen.push(...page.products.map(({ product }) => product));
      cursor = page.cursor;
    } while (cursor !== undefined);
    return seen;
  }

  test('gives each once, in order of name, in pages of whatever size', async () => {
    await make('acme', 'cam', 'cam-2', 'cam2', 'bell', 'a', 'a-', 'tv');
    for (const limit of [1, 3, 7, 100]) {
      expect(await walk(limit)).toEqual(['a', 'a-', 'bell', 'cam', 'cam-2', 'cam2', 'tv']);
    }
  });

  test('gives a product once, however many releases it has', async () => {
    await ada.makeProduct();
    for (let at = 1; at <= 9; at++) {
      await ada.makeRelease({ 'cam-rev-b': Buffer.from('x') }, { version: `1.0.${at}`, sequence: at });
    }
    await make('acme', 'bell', 'tv');
    for (const limit of [1, 2, 100]) expect(await walk(limit)).toEqual(['bell', 'cam', 'tv']);
  });

  test('shows those of the own tenant only, whosever cursor it is', async () => {
    await make('acme', 'a', 'b');
    await make('other', 'c', 'd');
    const { cursor } = ListProducts.answer.parse((await list({ limit: '1' })).answer);
    const { answer } = await list({ cursor: cursor ?? '' }, 'other');
    expect(answer).toMatchObject({ products: [{ product: 'c' }, { product: 'd' }] });
  });

  test('is empty where there is none', async () => {
    expect(await list()).toEqual({ status: 200, answer: { products: [] } });
  });

  test.each([
    ['cursor', { cursor: 'x' }],
    ['cursor', { cursor: Buffer.from('Cam').toString('base64url') }],
    ['limit', { limit: '0' }],
    ['limit', { limit: '101' }],
    ['page', { page: '2' }],
  ])('refuses a bad %s by name', async (field, query) => {
    expect(await list(query)).toMatchObject({ status: 400, answer: { error: { field } } });
  });
});
