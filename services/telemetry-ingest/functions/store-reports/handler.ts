import { bucket, clock, ids, storeOver } from '#shared/capabilities/needs.ts';
import { Report } from '#shared/contracts/device/report.ts';
import { onDeviceCopies } from '#shared/lambda/on-device-batch.ts';
import { FailureStore } from '../../stores/failure-store.ts';
import { storeReports } from './store-reports.ts';

/**
 * Devices report -> the reports are in the raw log of the day, and each failure is counted once. Malformed reports are
 * refused by the orchestrator, which gets them too.
 */
export const handler = onDeviceCopies(
  'report',
  Report,
  {
    bucket: bucket('REPORTS_BUCKET'),
    failures: storeOver('FAILURES_TABLE', (table) => new FailureStore(table)),
    ids,
    clock,
  },
  storeReports,
);
