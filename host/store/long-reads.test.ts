import { expect, test } from '@jest/globals';
import { openStore } from '../testing/open-store.ts';

test('a read of many pages lets others have their turn', async () => {
  const opened = openStore();
  const table = opened.store.table({ name: 'devices' });
  await table.putAll(Array.from({ length: 6_000 }, (_, at) => ({ pk: 'p', sk: `s${at}` })));
  let othersTurns = 0;
  let isReading = true;
  const other = () => {
    othersTurns += 1;
    if (isReading) setImmediate(other);
  };
  setImmediate(other);
  let read = 0;
  for (let cursor: string | undefined; ; ) {
    const page = await table.query({ partition: 'p', limit: 500, ...(cursor !== undefined && { cursor }) });
    read += page.items.length;
    cursor = page.cursor;
    if (cursor === undefined) break;
  }
  isReading = false;
  expect(read).toBe(6_000);
  expect(othersTurns).toBeGreaterThanOrEqual(2);
  await opened.close();
});
