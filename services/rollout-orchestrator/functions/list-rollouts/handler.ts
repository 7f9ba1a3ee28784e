import { storeOver } from '#shared/capabilities/needs.ts';
import { ListRollouts } from '#shared/contracts/api/rollouts.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { GateStore } from '../../stores/gate-store.ts';
import { ProgressStore } from '../../stores/progress-store.ts';
import { RolloutStore } from '../../stores/rollout-store.ts';
import { listRollouts } from './list-rollouts.ts';

/** Rollouts of a tenant, newest first. */
export const handler = onHttp(
  ListRollouts,
  {
    rollouts: storeOver('ROLLOUTS_TABLE', (table) => new RolloutStore(table)),
    gates: storeOver('ROLLOUTS_TABLE', (table) => new GateStore(table)),
    progress: storeOver('ROLLOUTS_TABLE', (table) => new ProgressStore(table)),
  },
  listRollouts,
);
