import { storeOver } from '#shared/capabilities/needs.ts';
import { GetFailures } from '#shared/contracts/api/telemetry.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { FailureStore } from '../../stores/failure-store.ts';
import { getFailures } from './get-failures.ts';

/** Somebody asks how a rollout failed -> counts by reason, hardware and version. */
export const handler = onHttp(
  GetFailures,
  { failures: storeOver('FAILURES_TABLE', (table) => new FailureStore(table)) },
  getFailures,
);
