import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type ServedBuckets, serveBuckets } from '#host/testing/serve-buckets.ts';
import { bytesOf, readAll } from '#shared/capabilities/conformance/object-bytes.ts';
import type { ObjectCreated } from './object-index.ts';

const HOUR_MS = 60 * 60 * 1000;

let served: ServedBuckets;
afterEach(() => served.close());

async function files(): Promise<string[]> {
  const directory = join(served.directory, 'buckets', 'firmware');
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

/** Lets hours pass, and whatever is due each hour finish. */
async function pass(hours: number): Promise<void> {
  for (let hour = 0; hour < hours; hour++) {
    await served.buckets.idle();
    await served.world.advance(HOUR_MS);
  }
  await served.buckets.idle();
}

async function reopen(onObjectCreated: (event: ObjectCreated) => Promise<void>): Promise<void> {
  const { directory } = served;
  await served.close({ keep: true });
  served = await serveBuckets({ directory, onObjectCreated });
}

/** Begins an upload of one part and sends it; answers what completes it. */
async function uploadWhole(key: string, text: string): Promise<() => Promise<void>> {
  const { uploads } = served.buckets.of('firmware');
  const upload = await uploads.begin(key, { sizeBytes: text.length, lifeSeconds: 600 });
  const response = await fetch(upload.parts[0]?.url ?? '', { method: 'PUT', body: text });
  const etag = response.headers.get('etag') ?? '';
  return () => uploads.complete(key, upload.uploadId, [{ number: 1, etag }]);
}

describe('the creation of an object', () => {
  test('is told of a put, a copy and a completed upload, with what their heads say', async () => {
    const events: ObjectCreated[] = [];
    served = await serveBuckets({
      onObjectCreated: async (event) => {
        events.push(event);
      },
    });
    const { bucket } = served.buckets.of('firmware');
    const put = await bucket.put('put', bytesOf('one'));
    await bucket.copy({ key: 'put', version: put.version }, 'copy');
    const complete = await uploadWhole('upload', 'three');
    expect(events.map((event) => event.key)).toEqual(['put', 'copy']);
    await complete();
    const heads = await Promise.all(['put', 'copy', 'upload'].map((key) => bucket.head(key)));
    expect(events).toEqual(heads.map((head) => ({ bucket: 'firmware', ...head })));
  });

  test('is told after the object is there, and before the caller learns of it', async () => {
    const order: string[] = [];
    served = await serveBuckets({
      onObjectCreated: async () => {
        const head = await served.buckets.of('firmware').bucket.head('k');
        order.push(`told of ${head?.sizeBytes} bytes`);
      },
    });
    await served.buckets.of('firmware').bucket.put('k', bytesOf('xyz'));
    order.push('stored');
    expect(order).toEqual(['told of 3 bytes', 'stored']);
  });

  test('is told again after a restart when recording it failed, until it is recorded, and then no more', async () => {
    const told: string[] = [];
    const failing = async (event: ObjectCreated) => {
      told.push(event.key);
      throw new Error('not recorded');
    };
    served = await serveBuckets({ onObjectCreated: failing });
    await expect(served.buckets.of('firmware').bucket.put('k', bytesOf('x'))).rejects.toThrow('not recorded');
    await reopen(async (event) => {
      told.push(event.key);
    });
    expect(told).toEqual(['k']);
    await served.buckets.start();
    expect(told).toEqual(['k', 'k']);
    expect(await served.buckets.of('firmware').bucket.head('k')).toMatchObject({ sizeBytes: 1 });
    await reopen(async () => {
      throw new Error('told once too often');
    });
    await served.buckets.start();
  });

  test('is told again within the hour by a home that goes on', async () => {
    let told = 0;
    served = await serveBuckets({
      onObjectCreated: async () => {
        told++;
        if (told === 1) throw new Error('not recorded');
      },
    });
    await served.buckets.start();
    await served.buckets.idle();
    await expect(served.buckets.of('firmware').bucket.put('k', bytesOf('x'))).rejects.toThrow('not recorded');
    await pass(1);
    expect(told).toBe(2);
  });

  test('is told once when an upload is completed twice, for the second time changes nothing', async () => {
    let told = 0;
    served = await serveBuckets({
      onObjectCreated: async () => {
        told++;
      },
    });
    const complete = await uploadWhole('k', 'x');
    await complete();
    const head = await served.buckets.of('firmware').bucket.head('k');
    await complete();
    expect(told).toBe(1);
    expect(await served.buckets.of('firmware').bucket.head('k')).toEqual(head);
  });
});

describe('the sweep', () => {
  test('removes an upload a day after it was begun or renewed', async () => {
    served = await serveBuckets();
    await served.buckets.start();
    const { uploads } = served.buckets.of('firmware');
    const abandoned = await uploadWhole('abandoned', 'x');
    const complete = await uploadWhole('complete', 'x');
    await complete();
    const renewed = await uploads.begin('renewed', { sizeBytes: 1, lifeSeconds: 60 });
    await pass(12);
    await uploads.renew('renewed', renewed.uploadId, { sizeBytes: 1, lifeSeconds: 60 });
    expect(await files()).toHaveLength(2);
    await pass(13);
    expect(await files()).toHaveLength(1);
    await expect(abandoned()).rejects.toMatchObject({ code: 'not-found' });
    await uploads.renew('renewed', renewed.uploadId, { sizeBytes: 1, lifeSeconds: 60 });
    expect(await readAll(served.buckets.of('firmware').bucket.read('complete'))).toEqual(bytesOf('x'));
  });

  test('forgets a replaced version after a week, and keeps the bytes that a copy shares', async () => {
    served = await serveBuckets();
    await served.buckets.start();
    const { bucket } = served.buckets.of('firmware');
    const first = await bucket.put('k', bytesOf('first'));
    await bucket.copy({ key: 'k', version: first.version }, 'copy');
    const second = await bucket.put('k', bytesOf('second'));
    await bucket.put('k', bytesOf('third'));
    await pass(167);
    expect(await readAll(bucket.read('k', { version: second.version }))).toEqual(bytesOf('second'));
    await pass(2);
    expect(await files()).toHaveLength(2);
    expect(await bucket.read('k', { version: first.version })).toBeUndefined();
    expect(await readAll(bucket.read('k'))).toEqual(bytesOf('third'));
    expect(await readAll(bucket.read('copy'))).toEqual(bytesOf('first'));
  });

  test('removes objects that are past the time of their prefix, and their files a week later', async () => {
    const expiries = new Map([['firmware', [{ prefix: 'reports/', afterDays: 3 }]]]);
    served = await serveBuckets({ expiries });
    const { bucket } = served.buckets.of('firmware');
    // More than are removed at once.
    for (let at = 0; at < 150; at++) await bucket.put(`reports/${at}`, bytesOf('old'));
    await bucket.put('artifacts/a', bytesOf('kept'));
    await served.buckets.start();
    await pass(24);
    await bucket.put('reports/young', bytesOf('young'));
    await pass(47);
    expect((await bucket.list('', { limit: 1000 })).objects).toHaveLength(152);
    await pass(2);
    const { objects } = await bucket.list('', { limit: 1000 });
    expect(objects.map(({ key }) => key)).toEqual(['artifacts/a', 'reports/young']);
    expect(await files()).toHaveLength(152);
    await pass(7 * 24 + 1);
    expect((await bucket.list('', { limit: 1000 })).objects).toHaveLength(1);
    expect(await files()).toHaveLength(2);
  });

  test('removes nothing by a clock that leaps ahead for one round, and all in time once it is right', async () => {
    const leapMs = 1024 * 7 * 24 * HOUR_MS;
    served = await serveBuckets({
      expiries: new Map([['firmware', [{ prefix: 'reports/', afterDays: 3 }]]]),
    });
    const { bucket } = served.buckets.of('firmware');
    await bucket.put('reports/log', bytesOf('log'));
    const replaced = await bucket.put('k', bytesOf('replaced'));
    await bucket.put('k', bytesOf('new'));
    await uploadWhole('open', 'x');
    const present = async () => [
      (await bucket.head('reports/log')) !== undefined,
      (await bucket.read('k', { version: replaced.version })) !== undefined,
      (await files()).length,
    ];
    // By the first round, before it knew better, and by a later one.
    served.world.putClock(leapMs);
    await served.buckets.start();
    await served.buckets.idle();
    served.world.putClock(-leapMs);
    await pass(2);
    served.world.putClock(leapMs);
    await pass(1);
    served.world.putClock(-leapMs);
    await pass(19);
    expect(await present()).toEqual([true, true, 4]);
    await pass(3);
    expect(await present()).toEqual([true, true, 3]);
    await pass(48);
    expect(await present()).toEqual([false, true, 3]);
    await pass(10 * 24);
    expect(await present()).toEqual([false, false, 1]);
  });

  test('counts the days of what an earlier version has stored from the first start of this one', async () => {
    const expiries = new Map([['firmware', [{ prefix: '', afterDays: 3 }]]]);
    served = await serveBuckets({ expiries });
    await served.buckets.of('firmware').bucket.put('k', bytesOf('old'));
    const { directory } = served;
    await served.close({ keep: true });
    const index = new DatabaseSync(join(directory, 'buckets', 'index.sqlite'));
    index.exec('DROP INDEX ages; ALTER TABLE versions DROP COLUMN created_at_ms');
    index.close();
    served = await serveBuckets({ directory, expiries });
    await served.buckets.start();
    await pass(71);
    expect(await readAll(served.buckets.of('firmware').bucket.read('k'))).toEqual(bytesOf('old'));
    await pass(2);
    expect(await served.buckets.of('firmware').bucket.head('k')).toBeUndefined();
  });

  test('removes at start what a crash left behind, and nothing else', async () => {
    served = await serveBuckets();
    const { bucket } = served.buckets.of('firmware');
    await bucket.put('k', bytesOf('kept'));
    const [kept = ''] = await files();
    const shard = join(served.directory, 'buckets', 'firmware', kept.slice(0, 2));
    await writeFile(join(shard, `${kept.slice(0, 2)}${'0'.repeat(30)}`), 'half of someth');
    await served.buckets.start();
    await served.buckets.idle();
    expect(await files()).toEqual([kept]);
  });
});

test('whatever was stored before the process was killed is there after, and everything there is told of', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'evenkeel-killed-'));
  const program = join(process.cwd(), 'host/testing/put-until-killed.ts');
  const child = spawn(process.execPath, [program, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const stored: string[] = [];
  const told = new Set<string>();
  for await (const line of createInterface(child.stdout)) {
    const [what, key = ''] = line.split(' ');
    if (what === 'told') told.add(key);
    else stored.push(key);
    if (stored.length === 100) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');

  served = await serveBuckets({
    directory,
    onObjectCreated: async ({ key }) => {
      told.add(key);
    },
  });
  await served.buckets.start();
  const { bucket } = served.buckets.of('firmware');
  const { objects } = await bucket.list('', { limit: 1000 });
  const present = objects.map((object) => object.key);
  expect(present).toEqual(expect.arrayContaining(stored));
  expect([...told].sort()).toEqual([...present].sort());
  for (const { key } of objects) {
    const at = Number(key.split('/')[1]);
    expect(Buffer.compare(await readAll(bucket.read(key)), new Uint8Array(10_000).fill(at))).toBe(0);
  }
});
