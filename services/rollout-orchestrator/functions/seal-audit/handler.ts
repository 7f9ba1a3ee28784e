import { sealAudit } from '#shared/audit/seal-audit.ts';
import { SealStore } from '#shared/audit/seal-store.ts';
import { clock, ids, signer, storeOver } from '#shared/capabilities/needs.ts';
import { onChange } from '#shared/lambda/on-change.ts';

/** Something was decided -> its audit entry is in the next seal of its tenant's chain. */
export const handler = onChange(
  {
    seals: storeOver('ROLLOUTS_TABLE', (table) => new SealStore(table)),
    signer: signer('SEAL_KEY'),
    clock,
    ids,
  },
  sealAudit('rollouts'),
);
