import { storeOver } from '#shared/capabilities/needs.ts';
import { ListAuditSeals } from '#shared/contracts/api/audit.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { SealStore } from '../../stores/seal-store.ts';
import { listAuditSeals } from './list-audit-seals.ts';

/** The chain of seals over a tenant's audit log, oldest first. */
export const handler = onHttp(
  ListAuditSeals,
  { seals: storeOver('ROLLOUTS_TABLE', (table) => new SealStore(table)) },
  listAuditSeals,
);
