import { storeOver } from '#shared/capabilities/needs.ts';
import { ListQuarantined } from '#shared/contracts/api/rollout-devices.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { QuarantineStore } from '../../stores/quarantine-store.ts';
import { listQuarantined } from './list-quarantined.ts';

/** Which devices are in quarantine. */
export const handler = onHttp(
  ListQuarantined,
  { quarantine: storeOver('ROLLOUTS_TABLE', (table) => new QuarantineStore(table)) },
  listQuarantined,
);
