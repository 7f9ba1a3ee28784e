import type { Bucket } from '#shared/capabilities/bucket.ts';
import { thingOf } from '#shared/contracts/names.ts';
import type { Call } from '#shared/lambda/call.ts';
import type { Caller } from '#shared/lambda/on-http.ts';
import { type DayQuery, ReportLog } from '../../stores/report-log.ts';

interface Request {
  readonly caller: Caller;
  readonly params: { readonly deviceId: string };
  readonly query: DayQuery;
}

/** What a device of the caller's tenant reported on a day; a page may be empty and still not be the last. */
export async function listDeviceReports(
  { caller, params, query }: Request,
  { bucket }: { readonly bucket: Bucket },
  call: Call,
) {
  const thing = thingOf(caller.tenant, params.deviceId);
  const log = new ReportLog(bucket);
  const { unreadable, ...page } = await log.read(caller.tenant, query, (report) => report.thing === thing);
  if (unreadable > 0) call.count('LogLineUnreadable', unreadable);
  return page;
}
