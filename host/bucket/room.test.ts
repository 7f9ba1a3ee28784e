import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type ServedBuckets, serveBuckets } from '#host/testing/serve-buckets.ts';

const MB = 1_000_000;
const SIZE_BYTES = 9 * MB;

let freeBytes: number;
let served: ServedBuckets;
beforeEach(async () => {
  freeBytes = 300 * MB;
  served = await serveBuckets({ freeBytes: async () => freeBytes });
});
afterEach(() => served.close());

const begin = () =>
  served.buckets.of('firmware').uploads.begin('k', { sizeBytes: SIZE_BYTES, lifeSeconds: 60 });

test('an upload that would leave the store too little is refused before a byte of it comes', async () => {
  freeBytes = 264 * MB;
  await expect(begin()).rejects.toMatchObject({ code: 'wrong-state', field: 'disk' });
  freeBytes = 265 * MB;
  await begin();
});

test('a part is refused when others have taken the room meanwhile, and is taken once there is some', async () => {
  const { parts } = await begin();
  const [part] = parts;
  const send = () => fetch(part?.url ?? '', { method: 'PUT', body: new Uint8Array(8 * 2 ** 20) });
  freeBytes = 260 * MB;
  const refused = await send();
  expect(refused.status).toBe(409);
  expect(await refused.json()).toMatchObject({
    error: { code: 'wrong-state', rule: expect.stringContaining('has 260 MB left, too little for 9 MB') },
  });
  freeBytes = 300 * MB;
  expect((await send()).status).toBe(200);
  expect(served.faults).toEqual([]);
});
