import type { Bucket } from '#shared/capabilities/bucket.ts';
import type { Report } from '#shared/contracts/device/report.ts';
import type { Call } from '#shared/lambda/call.ts';
import type { DeviceMessage } from '#shared/lambda/device-message.ts';
import type { BatchOutcome } from '#shared/lambda/on-device-batch.ts';
import { failuresOf } from '../../domain/failure.ts';
import type { CountingNeeds, FailureStore } from '../../stores/failure-store.ts';
import { ReportLog } from '../../stores/report-log.ts';

interface StoreNeeds extends CountingNeeds {
  readonly bucket: Bucket;
  readonly failures: FailureStore;
}

/**
 * Counts the failures of a batch of reports and puts all of them into the log. Counting goes first because it can be
 * repeated without a trace: a batch that comes again after a failed count is not in the log twice.
 */
export async function storeReports(
  messages: readonly DeviceMessage<Report>[],
  { bucket, failures, ids, clock }: StoreNeeds,
  call: Pick<Call, 'concerns' | 'count'>,
): Promise<BatchOutcome<Report>> {
  for (const { body } of messages) call.concerns('log', body.rollout);
  const failed = messages.flatMap(failuresOf);
  if (failed.length > 0) call.count('FailureReported', failed.length);
  await failures.count(failed, { ids, clock });
  const reports = messages.map(({ thing, atMs, body }) => ({ thing, atMs, report: body }));
  await new ReportLog(bucket).append(reports, () => ids.next());
  return {};
}
