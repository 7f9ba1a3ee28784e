import type { World } from '#shared/world/world.ts';
import type { ObjectExpiry } from './object-expiry.ts';
import type { ObjectIndex } from './object-index.ts';
import type { PartFiles } from './part-files.ts';
import type { UploadIndex } from './upload-index.ts';

const HOUR_MS = 60 * 60 * 1000;

/** An upload that was neither completed, aborted nor renewed for so long is removed with its parts. */
const UPLOAD_LIFE_MS = 24 * HOUR_MS;

/**
 * How long a version that was replaced or removed can still be read and copied by its name: longer than any event that
 * names it stays in a queue (SQS keeps a message 4 days unless told, a dead-letter queue then gets redriven by hand).
 */
const RETIRED_LIFE_MS = 7 * 24 * HOUR_MS;

/** Rows forgotten in one transaction, so that a large sweep does not hold up the event loop. */
const BATCH = 100;

/** What is swept. */
export interface SweptBuckets {
  readonly index: ObjectIndex;
  readonly uploads: UploadIndex;
  readonly filesOf: (bucket: string) => PartFiles;
  /** Which objects are removed by their age, by bucket. */
  readonly expiries: ReadonlyMap<string, readonly ObjectExpiry[]>;
}

/**
 * Removes objects that are past their time, abandoned uploads, and versions that retired long ago, as lifecycle rules do in S3. All of it is
 * gone for good: `nowMs` must be no leap of the clock (see `AgreedTime`).
 */
export async function sweep(
  { index, uploads, filesOf, expiries }: SweptBuckets,
  nowMs: number,
  world: Pick<World, 'endOfTurn'>,
): Promise<void> {
  for (const [bucket, rules] of expiries) {
    for (const { prefix, afterDays } of rules) {
      const expired = { bucket, prefix, untilMs: nowMs - afterDays * 24 * HOUR_MS };
      while (index.retireExpired(expired, BATCH, nowMs) >= BATCH)
        await new Promise<void>((resolve) => world.endOfTurn(resolve));
    }
  }
  for (;;) {
    const abandoned = uploads.forgetAbandoned(nowMs - UPLOAD_LIFE_MS, BATCH);
    const retired = index.forgetRetired(nowMs - RETIRED_LIFE_MS, BATCH);
    for (const [bucket, file] of [...abandoned.files, ...retired.files]) await filesOf(bucket).remove(file);
    if (abandoned.uploads < BATCH && retired.versions < BATCH) return;
  }
}
