import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deadlineWrites, listsNeededFor } from './deadline-store.ts';

const deadlines = fc
  .array(fc.integer({ min: 0, max: 30 * 86_400_000 }), { minLength: 1, maxLength: 120 })
  .map((times) => times.map((atMs, device) => ({ deviceId: `d-${device}`, atMs })));

test('every device is in one list, which is due at or before its deadline, and there are no more lists than may be', () => {
  fc.assert(
    fc.property(deadlines, fc.nat(100), (some, room) => {
      const most = listsNeededFor(some.length) + room;
      const lists = deadlineWrites('r', some, { shard: 3, id: 'id', most }).map(({ put }) => put);
      expect(lists.length).toBeLessThanOrEqual(most);
      expect(new Set(lists.map(({ pk, sk }) => `${pk} ${sk}`)).size).toBe(lists.length);
      const dueOf = new Map(
        lists.flatMap(({ devices, dueMs }) =>
          String(devices)
            .split(' ')
            .map((device) => [device, Number(dueMs)] as const),
        ),
      );
      expect(lists.flatMap(({ devices }) => String(devices).split(' ')).sort()).toEqual(
        some.map(({ deviceId }) => deviceId).sort(),
      );
      for (const { deviceId, atMs } of some) expect(dueOf.get(deviceId)).toBeLessThanOrEqual(atMs);
    }),
  );
});

test('deadlines of different minutes do not bring each other up, where there is room for their own lists', () => {
  const some = [0, 1, 60_000, 3_600_000].map((atMs, device) => ({ deviceId: `d-${device}`, atMs }));
  expect(
    deadlineWrites('r', some, { shard: 0, id: 'id' }).map(({ put }) => [put.dueMs, put.devices]),
  ).toEqual([
    [0, 'd-0 d-1'],
    [60_000, 'd-2'],
    [3_600_000, 'd-3'],
  ]);
});
