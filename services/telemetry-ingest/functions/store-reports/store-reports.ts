import type { Bucket } from '#shared/capabilities/bucket.ts';
import { splitThing } from '#shared/contracts/names.ts';
import type { ReportBatch } from '#shared/contracts/report-batch.ts';
import type { Call } from '#shared/lambda/call.ts';
import type { QueueMessage } from '#shared/lambda/on-queue.ts';
import { failuresOf } from '../../domain/failure.ts';
import type { CountingNeeds, FailureStore } from '../../stores/failure-store.ts';
import { ReportLog } from '../../stores/report-log.ts';

interface StoreNeeds extends CountingNeeds {
  readonly bucket: Bucket;
  readonly failures: FailureStore;
}

/**
 * Counts the failures in batches of reports and puts all of them into the log. Counting goes first because it can be
 * repeated without a trace: a batch that comes again after a failed count is not in the log twice.
 */
export async function storeReports(
  batches: readonly Pick<QueueMessage<ReportBatch>, 'body'>[],
  { bucket, failures, ids, clock }: StoreNeeds,
  call: Pick<Call, 'concerns' | 'count'>,
): Promise<undefined> {
  const reports = batches.flatMap(({ body }) => body.reports);
  for (const { report } of reports) call.concerns('log', report.rollout);
  const failed = reports.flatMap(({ thing, atMs, report }) =>
    failuresOf({ ...splitThing(thing), atMs, body: report }),
  );
  if (failed.length > 0) call.count('FailureReported', failed.length);
  await failures.count(failed, { ids, clock });
  await new ReportLog(bucket).append(reports, () => ids.next());
}
