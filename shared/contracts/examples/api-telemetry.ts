import type { Report } from '../device/report.ts';
import type { ExamplesOf } from './api.ts';
import { REPORT } from './device.ts';

const rollout = '01JD4Z6Q7R8S9T0V1W2X3Y4Z5D';
const day = { day: '2026-05-28' };
const next = { ...day, limit: '1000', cursor: 'b2JqZWN0' };
const reportsOf = (isMeant: (report: Report) => boolean) =>
  Object.values(REPORT)
    .filter(isMeant)
    .map((report) => ({ thing: 'acme:cam-0001', atMs: 1_780_000_000_000, report }));
const log = {
  page: { reports: reportsOf((report) => report.leaving !== true), cursor: 'b2JqZWN0' },
  leaving: { reports: reportsOf((report) => report.leaving === true) },
  last: { reports: [] },
};

/** Examples of the telemetry routes. */
export const TELEMETRY_ROUTES: ExamplesOf<'getFailures' | 'listDeviceReports' | 'listRolloutReports'> = {
  getFailures: {
    request: { one: { params: { rollout } } },
    answer: {
      two: {
        failures: [
          { reason: 'flash-write', hardware: 'cam-rev-b', version: '2.1.0', count: 3 },
          { reason: 'other', hardware: 'cam-rev-c', version: '2.1.0', count: 1 },
        ],
      },
      none: { failures: [] },
    },
  },
  listDeviceReports: {
    request: {
      day: { params: { deviceId: 'cam-0001' }, query: day },
      next: { params: { deviceId: 'cam-0001' }, query: next },
    },
    answer: log,
  },
  listRolloutReports: {
    request: { day: { params: { rollout }, query: day }, next: { params: { rollout }, query: next } },
    answer: log,
  },
};
