import { expect, test } from '@jest/globals';
import { KeyHeat } from './key-heat.ts';

test('keeps the hottest second of a key, and begins anew with each second', () => {
  let nowMs = 10_000;
  const heat = new KeyHeat(() => nowMs);
  heat.add('t', 'a', 300);
  nowMs = 10_999;
  heat.add('t', 'a', 300);
  heat.add('t', 'b', 10);
  nowMs = 11_000;
  heat.add('t', 'a', 400);
  expect(heat.hottest()).toEqual([
    { table: 't', key: 'a', writeUnits: 600, second: 10 },
    { table: 't', key: 'b', writeUnits: 10, second: 10 },
  ]);
});

test('keeps the hottest of more keys than it has room for', () => {
  const heat = new KeyHeat(() => 1_000);
  for (let key = 0; key < 1_000; key += 1) heat.add('t', `k${key}`, 1 + (key % 100));
  const [first] = heat.hottest();
  expect(first?.writeUnits).toBe(100);
  expect(heat.hottest().length).toBeLessThan(30);
  heat.add('t', 'k5', 500);
  expect(heat.hottest()[0]).toMatchObject({ key: 'k5', writeUnits: 506 });
});
