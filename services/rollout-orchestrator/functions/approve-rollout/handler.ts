import { clock, ids, storeOver } from '#shared/capabilities/needs.ts';
import { ApproveRollout } from '#shared/contracts/api/rollouts.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { RolloutReader } from '../../steps/rollout-evidence.ts';
import { ApprovalStore } from '../../stores/approval-store.ts';
import { approveRollout } from './approve-rollout.ts';

/** Somebody else than who created a rollout approves its document -> it may be launched, once enough have. */
export const handler = onHttp(
  ApproveRollout,
  {
    reader: storeOver('ROLLOUTS_TABLE', (table) => new RolloutReader(table)),
    approvals: storeOver('ROLLOUTS_TABLE', (table) => new ApprovalStore(table)),
    clock,
    ids,
  },
  approveRollout,
);
