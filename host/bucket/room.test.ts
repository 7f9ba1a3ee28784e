import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type ServedBuckets, serveBuckets } from '#host/testing/serve-buckets.ts';

const MB = 1_000_000;
const SIZE_BYTES = 9 * MB;

let freeBytes: number;
let together: (() => Promise<void>) | undefined;
let served: ServedBuckets;
beforeEach(async () => {
  freeBytes = 300 * MB;
  together = undefined;
  served = await serveBuckets({
    freeBytes: async () => {
      await together?.();
      return freeBytes;
    },
  });
});
afterEach(() => served.close());

/** The disk answers nobody before so many have asked it. */
function askTogether(count: number): void {
  const { promise, resolve } = Promise.withResolvers<void>();
  let asked = 0;
  together = () => {
    asked += 1;
    if (asked === count) resolve();
    return promise;
  };
}

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

test('parts that arrive side by side are promised their room: of more than fits, some are refused', async () => {
  const { uploads } = served.buckets.of('firmware');
  const partBytes = 8 * 2 ** 20;
  const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const begun = await Promise.all(
    keys.map((key) => uploads.begin(key, { sizeBytes: partBytes, lifeSeconds: 60 })),
  );
  const sendAll = () =>
    Promise.all(
      begun.map(({ parts }) =>
        fetch(parts[0]?.url ?? '', { method: 'PUT', body: new Uint8Array(partBytes) }),
      ),
    );
  for (const _ of ['at first', 'again, once all of them are over']) {
    askTogether(keys.length);
    const answers = await sendAll();
    const refused = answers.filter(({ status }) => status !== 200);
    expect(freeBytes - (answers.length - refused.length) * partBytes).toBeGreaterThanOrEqual(256 * MB);
    expect(refused).toHaveLength(2);
    for (const answer of refused)
      expect(await answer.json()).toMatchObject({
        error: {
          code: 'wrong-state',
          field: 'disk',
          rule: expect.stringMatching(
            /too little for 9 MB beside the \d+ MB of what is arriving and the 256 MB/,
          ),
        },
      });
  }
});
