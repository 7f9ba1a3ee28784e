import type { Bucket } from '#shared/capabilities/bucket.ts';
import type { Call } from '#shared/lambda/call.ts';
import type { Caller } from '#shared/lambda/on-http.ts';
import { type DayQuery, ReportLog } from '../../stores/report-log.ts';

interface Request {
  readonly caller: Caller;
  readonly params: { readonly rollout: string };
  readonly query: DayQuery;
}

/** What the caller's devices reported of a rollout on a day; a page may be empty and still not be the last. */
export async function listRolloutReports(
  { caller, params, query }: Request,
  { bucket }: { readonly bucket: Bucket },
  call: Call,
) {
  const log = new ReportLog(bucket);
  const isOfRollout = ({ report }: { readonly report: { readonly rollout: string } }) =>
    report.rollout === params.rollout;
  const { unreadable, ...page } = await log.read(caller.tenant, query, isOfRollout);
  if (unreadable > 0) call.count('LogLineUnreadable', unreadable);
  return page;
}
