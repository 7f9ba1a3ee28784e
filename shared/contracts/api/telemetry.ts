import * as z from 'zod';
import { Report } from '../device/report.ts';
import { DeviceId, EpochMs, Hardware, Thing, Ulid, VersionText } from '../names.ts';
import { defineRoute, pageLimit } from './route.ts';

/** Query of a read of the raw log: one UTC day at a time. */
const Day = z.strictObject({
  day: z.iso.date(),
  limit: pageLimit(1000, 100),
  cursor: z.string().max(2048).optional(),
});

/** One report as it was received. */
export const LoggedReport = z.object({ thing: Thing, atMs: EpochMs, report: Report });
export type LoggedReport = z.infer<typeof LoggedReport>;
const Log = z.object({ reports: z.array(LoggedReport), cursor: z.string().optional() });

/** Counts of failures of a rollout. */
export const GetFailures = defineRoute({
  method: 'GET',
  path: '/rollouts/{rollout}/failures',
  summary: 'Count the failures of a rollout by reason, hardware and version',
  role: 'viewer',
  params: z.strictObject({ rollout: Ulid }),
  answer: z.object({
    failures: z.array(
      z.object({
        reason: z.string(),
        hardware: Hardware,
        version: VersionText,
        count: z.number().int().min(0),
      }),
    ),
  }),
});
/** Raw reports of one device. */
export const ListDeviceReports = defineRoute({
  method: 'GET',
  path: '/devices/{deviceId}/reports',
  summary: 'Read the raw reports of one device on one day',
  role: 'viewer',
  params: z.strictObject({ deviceId: DeviceId }),
  query: Day,
  answer: Log,
});
/** Raw reports of one rollout. */
export const ListRolloutReports = defineRoute({
  method: 'GET',
  path: '/rollouts/{rollout}/reports',
  summary: 'Read the raw reports of one rollout on one day',
  role: 'viewer',
  params: z.strictObject({ rollout: Ulid }),
  query: Day,
  answer: Log,
});
