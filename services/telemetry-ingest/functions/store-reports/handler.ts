import { bucket, clock, ids, storeOver } from '#shared/capabilities/needs.ts';
import { ReportBatch } from '#shared/contracts/report-batch.ts';
import { onQueue } from '#shared/lambda/on-queue.ts';
import { FailureStore } from '../../stores/failure-store.ts';
import { storeReports } from './store-reports.ts';

/** The orchestrator took reports of devices -> they are in the raw log of the day, and each failure is counted once. */
export const handler = onQueue(
  ReportBatch,
  {
    bucket: bucket('REPORTS_BUCKET'),
    failures: storeOver('FAILURES_TABLE', (table) => new FailureStore(table)),
    ids,
    clock,
  },
  storeReports,
);
