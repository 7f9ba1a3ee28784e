import { describe, expect, test } from '@jest/globals';
import { allPages } from './all-pages.ts';

/** A listing of `count` numbers, in pages of at most `most`. */
function listing(count: number, most = 100) {
  const limits: number[] = [];
  const read = ({ limit, cursor = '0' }: { limit: number; cursor?: string }) => {
    limits.push(limit);
    const from = Number(cursor);
    const to = Math.min(count, from + Math.min(limit, most));
    const items = Array.from({ length: to - from }, (_, index) => from + index);
    return Promise.resolve({ items, cursor: to < count ? String(to) : undefined });
  };
  return { read, limits };
}

describe('reading all pages', () => {
  test('goes on until there are no more, in order', async () => {
    expect(await allPages(1000, listing(250).read)).toEqual(Array.from({ length: 250 }, (_, index) => index));
  });

  test('stops at the limit and asks for no more than that', async () => {
    const { read, limits } = listing(1000);
    expect(await allPages(130, read)).toHaveLength(130);
    expect(limits).toEqual([100, 30]);
  });

  test('goes on over short and empty pages, but not for ever: a part would pass for the whole', async () => {
    expect(await allPages(20, listing(50, 7).read)).toHaveLength(20);
    let pages = 0;
    const endless = () => {
      pages++;
      return Promise.resolve({ items: [], cursor: 'again' });
    };
    await expect(allPages(10, endless)).rejects.toThrow(/10000 pages and no end/);
    expect(pages).toBeLessThanOrEqual(10_000);
  });
});
