import * as z from 'zod';
import { LoggedReport } from './api/telemetry.ts';

/** Reports in one batch at most: 64 KB hold some 400 of the smallest. */
export const REPORTS_PER_BATCH = 1000;

/**
 * Reports that rollout-orchestrator took from devices, every field that the contract names as it came, for the raw log that
 * telemetry-ingest keeps: what the queue `report-log` holds. At least once, in no order.
 */
export const ReportBatch = z.object({
  v: z.literal(1),
  reports: z.array(LoggedReport).min(1).max(REPORTS_PER_BATCH),
});
export type ReportBatch = z.infer<typeof ReportBatch>;
