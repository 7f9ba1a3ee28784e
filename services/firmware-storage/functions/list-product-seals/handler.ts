import { listSeals } from '#shared/audit/list-seals.ts';
import { SealStore } from '#shared/audit/seal-store.ts';
import { storeOver } from '#shared/capabilities/needs.ts';
import { ListProductSeals } from '#shared/contracts/api/audit.ts';
import { onHttp } from '#shared/lambda/on-http.ts';

/** The chain of seals over a tenant's audit log of products, oldest first. */
export const handler = onHttp(
  ListProductSeals,
  { seals: storeOver('FIRMWARE_TABLE', (table) => new SealStore(table)) },
  listSeals,
);
