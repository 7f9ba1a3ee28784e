import type { ReportBatch } from '../report-batch.ts';
import { REPORT } from './device.ts';

/** Examples of what rollout-orchestrator hands over for the raw log. */
export const REPORT_BATCH: Readonly<Record<string, ReportBatch>> = {
  reports: {
    v: 1,
    reports: Object.values(REPORT).map((report, at) => ({
      thing: `acme:cam-000${at + 1}`,
      atMs: 1_780_000_000_000 + at,
      report,
    })),
  },
};
