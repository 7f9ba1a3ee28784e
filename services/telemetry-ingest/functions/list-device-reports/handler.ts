import { bucket } from '#shared/capabilities/needs.ts';
import { ListDeviceReports } from '#shared/contracts/api/telemetry.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { listDeviceReports } from './list-device-reports.ts';

/** Somebody reads what a device said on a day -> its raw reports, some objects of the log at a time. */
export const handler = onHttp(ListDeviceReports, { bucket: bucket('REPORTS_BUCKET') }, listDeviceReports);
