import { FailureStore } from '../../../services/telemetry-ingest/stores/failure-store.ts';
import { ReportLog } from '../../../services/telemetry-ingest/stores/report-log.ts';
import { type Kind, partsOf, rowKinds } from '../kind.ts';
import { objectsOf } from './objects-of.ts';

const SERVICE = 'telemetry-ingest';
const NEEDS = {
  ids: { next: () => '01JD4Z6Q7R8S9T0V1W00000001', random: () => 0 },
  clock: { now: () => 0, pause: async () => undefined },
};

/** What telemetry-ingest keeps. */
export const TELEMETRY_KINDS: readonly Kind[] = [
  ...rowKinds(SERVICE, 'failures', {
    failures: {
      placedBy: ['telemetry-ingest countersOf'],
      pk: /^R#/,
      sk: /^count#/,
      read: ({ pk }, rows) => {
        const [, tenant = '', rollout = ''] = partsOf(pk);
        return new FailureStore(rows).counts(tenant, rollout);
      },
    },
    counted: {
      placedBy: ['telemetry-ingest markerOf'],
      pk: /^M#/,
      sk: /./,
      read: async ({ pk, sk }, rows) => {
        const [, tenant = '', rollout = '', deviceId = ''] = partsOf(pk);
        const [attempt = '', seq] = partsOf(sk);
        const kind = { reason: 'told-again', hardware: 'cam-rev-b', version: '1.0.0' };
        const failures = new FailureStore(rows);
        const again = { tenant, rollout, deviceId, attempt, seq: Number(seq), atMs: 0, kind };
        await failures.count([again], NEEDS);
        return { countedAgain: await failures.counts(tenant, rollout) };
      },
    },
  }),
  {
    name: `${SERVICE}/report-log`,
    has: ({ where, what }) => where === 'bucket' && String(what.key).startsWith('reports/'),
    read: async ({ key, text }) => {
      const [, tenant = '', day = ''] = /^reports\/tenant=([^/]+)\/day=([^/]+)\//.exec(String(key)) ?? [];
      return new ReportLog(objectsOf({ [String(key)]: String(text) })).read(
        tenant,
        { day, limit: 1000 },
        () => true,
      );
    },
  },
];
