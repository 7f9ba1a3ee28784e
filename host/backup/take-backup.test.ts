import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Buckets } from '#host/bucket/buckets.ts';
import { bytesOf, readAll } from '#shared/capabilities/conformance/object-bytes.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { EmbeddedStore } from '../store/embedded-store.ts';
import { type ServedBuckets, serveBuckets } from '../testing/serve-buckets.ts';
import { type OnProgress, takeBackup } from './take-backup.ts';

const PART_BYTES = 8 * 1024 * 1024;
const onFatal = (error: unknown) => {
  throw error;
};

let scratch: string;
let directory: string;
let to: string;
let store: EmbeddedStore;
let served: ServedBuckets;
beforeEach(async () => {
  scratch = mkdtempSync(path.join(tmpdir(), 'evenkeel-backup-'));
  [directory, to] = [path.join(scratch, 'data'), path.join(scratch, 'copy')];
  for (const one of [directory, to, path.join(directory, 'authority')]) mkdirSync(one, { mode: 0o700 });
  store = new EmbeddedStore({ directory, world: realWorld, onFatal, flushesBeside: true });
  served = await serveBuckets({ directory });
});
afterEach(async () => {
  await served.close({ keep: true });
  store.close();
  rmSync(scratch, { recursive: true, force: true });
});

const take = (onProgress: OnProgress = () => undefined) =>
  takeBackup({ directory, to, world: realWorld, onProgress });

/** Opens the copy's buckets as a host would, and answers what it is told of at its start. */
async function restored(
  look: (buckets: Buckets) => Promise<void> = async () => undefined,
): Promise<string[]> {
  const told: string[] = [];
  const copy = await serveBuckets({
    directory: to,
    onObjectCreated: async ({ key }) => {
      told.push(key);
    },
  });
  await copy.buckets.start();
  await look(copy.buckets);
  await copy.close({ keep: true });
  return told;
}

const filesIn = (root: string) =>
  readdirSync(path.join(root, 'buckets/firmware'), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
const pathOf = (file: { readonly parentPath: string; readonly name: string }) =>
  path.join(file.parentPath, file.name);

test('everything that is committed when it begins is in the copy, though writing goes on', async () => {
  const table = store.table({ name: 'rows' });
  let last = 0;
  let isOver = false;
  const text = 'x'.repeat(1_000);
  const writing = (async () => {
    while (!isOver)
      await table.putAll(Array.from({ length: 100 }, () => ({ pk: 'p', sk: `${++last}`, text })));
  })();
  while (last < 20_000) await table.write({ put: { pk: 'q', sk: 'wait' } });
  const before = last - 100;
  await take();
  expect(last).toBeGreaterThan(before + 100);
  isOver = true;
  await writing;

  const copy = new EmbeddedStore({ directory: to, world: realWorld, onFatal });
  const rows = copy.table({ name: 'rows' });
  const found = await rows.get(
    [
      { pk: 'p', sk: '1' },
      { pk: 'p', sk: `${before}` },
      { pk: 'p', sk: `${last}` },
    ],
    { consistent: true },
  );
  expect(found.map((item) => item !== undefined)).toEqual([true, true, false]);
  copy.close();
});

test('an object that came after the database was copied is in the copy, and a host is told of it again', async () => {
  const { bucket, uploads } = served.buckets.of('firmware');
  await bucket.put('before', bytesOf('before'));
  const text = 'x'.repeat(1_900);
  await store
    .table({ name: 'rows' })
    .putAll(Array.from({ length: 2_000 }, (_, at) => ({ pk: 'p', sk: `${at}`, text })));
  const { uploadId, parts } = await uploads.begin('meanwhile', { sizeBytes: 9, lifeSeconds: 600 });
  const put = await fetch(parts[0]?.url ?? '', { method: 'PUT', body: 'meanwhile' });
  const part = { number: 1, etag: put.headers.get('etag') ?? '' };
  let isCompleted: Promise<void> | undefined;
  await take((what) => {
    if (what === 'database') isCompleted ??= uploads.complete('meanwhile', uploadId, [part]);
  });
  await isCompleted;
  const told = await restored(async (buckets) => {
    const copy = buckets.of('firmware').bucket;
    expect(await readAll(copy.read('before'))).toEqual(bytesOf('before'));
    expect(await readAll(copy.read('meanwhile'))).toEqual(bytesOf('meanwhile'));
  });
  expect(told).toEqual(['meanwhile']);
});

test('an upload in flight can be gone on with where it was', async () => {
  const { uploads } = served.buckets.of('firmware');
  const sizes = { sizeBytes: PART_BYTES + 1, lifeSeconds: 600 };
  const upload = await uploads.begin('k', sizes);
  const first = new Uint8Array(PART_BYTES).fill(1);
  const put = await fetch(upload.parts[0]?.url ?? '', { method: 'PUT', body: first });
  const etag = put.headers.get('etag') ?? '';
  await take();
  await restored(async (buckets) => {
    const renewed = await buckets.of('firmware').uploads.renew('k', upload.uploadId, sizes);
    expect(renewed.parts.map((part) => part.etag)).toEqual([etag.replaceAll('"', ''), undefined]);
  });
});

test('what is removed before its turn comes is in neither the copy nor its index', async () => {
  const { bucket, uploads } = served.buckets.of('firmware');
  await bucket.put('kept', bytesOf('kept'));
  const begun = await Promise.all(
    Array.from({ length: 8 }, (_, n) => uploads.begin(`given-up-${n}`, { sizeBytes: 1, lifeSeconds: 600 })),
  );
  for (const { parts } of begun) await fetch(parts[0]?.url ?? '', { method: 'PUT', body: 'x' });
  expect(filesIn(directory)).toHaveLength(9);
  let isAborted = false;
  await take((what) => {
    if (what !== 'buckets' || isAborted) return;
    isAborted = true;
    // As `abort` does it, but within this turn: the copy must find some of them gone.
    for (const [n, { uploadId }] of begun.entries()) void uploads.abort(`given-up-${n}`, uploadId);
    for (const file of filesIn(directory))
      if (statSync(pathOf(file), { throwIfNoEntry: false })?.size === 1)
        rmSync(pathOf(file), { force: true });
  });
  expect(filesIn(to)).toHaveLength(1);
  await restored(async (buckets) => {
    const copy = buckets.of('firmware');
    expect(await readAll(copy.bucket.read('kept'))).toEqual(bytesOf('kept'));
    const again = copy.uploads.renew('given-up-0', begun[0]?.uploadId ?? '', {
      sizeBytes: 1,
      lifeSeconds: 600,
    });
    await expect(again).rejects.toMatchObject({ code: 'not-found' });
  });
});

test.each([
  ['shorter', (file: string) => truncateSync(file, 3)],
  ['other', (file: string) => writeFileSync(file, 'bytez')],
])('a file with %s bytes than were stored is refused by name', async (_what, damage) => {
  await served.buckets.of('firmware').bucket.put('k', bytesOf('bytes'));
  const [file] = filesIn(directory).map(pathOf);
  damage(file ?? '');
  await expect(take()).rejects.toThrow(`${file} is damaged`);
});
