import { bucket } from '#shared/capabilities/needs.ts';
import { ListRolloutReports } from '#shared/contracts/api/telemetry.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { listRolloutReports } from './list-rollout-reports.ts';

/** Somebody reads what was said in a rollout on a day -> its raw reports, some objects of the log at a time. */
export const handler = onHttp(ListRolloutReports, { bucket: bucket('REPORTS_BUCKET') }, listRolloutReports);
