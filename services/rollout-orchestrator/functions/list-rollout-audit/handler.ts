import { SealStore } from '#shared/audit/seal-store.ts';
import { storeOver } from '#shared/capabilities/needs.ts';
import { ListRolloutAudit } from '#shared/contracts/api/audit.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { RolloutStore } from '../../stores/rollout-store.ts';
import { listRolloutAudit } from './list-rollout-audit.ts';

/** Who decided what about a rollout, oldest first. */
export const handler = onHttp(
  ListRolloutAudit,
  {
    rollouts: storeOver('ROLLOUTS_TABLE', (table) => new RolloutStore(table)),
    seals: storeOver('ROLLOUTS_TABLE', (table) => new SealStore(table)),
  },
  listRolloutAudit,
);
