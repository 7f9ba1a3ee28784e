import { SealStore } from '#shared/audit/seal-store.ts';
import { storeOver } from '#shared/capabilities/needs.ts';
import { ListQuarantineAudit } from '#shared/contracts/api/audit.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { listQuarantineAudit } from './list-quarantine-audit.ts';

/** When a device came into quarantine, and who released it, oldest first. */
export const handler = onHttp(
  ListQuarantineAudit,
  { seals: storeOver('ROLLOUTS_TABLE', (table) => new SealStore(table)) },
  listQuarantineAudit,
);
