import { clock, ids, storeOver } from '#shared/capabilities/needs.ts';
import { AbortRollout } from '#shared/contracts/api/rollouts.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { RolloutReader } from '../../steps/rollout-evidence.ts';
import { ControlStore } from '../../stores/control-store.ts';
import { abortRollout } from './abort-rollout.ts';

/** An operator aborts a rollout -> it ends for good. */
export const handler = onHttp(
  AbortRollout,
  {
    reader: storeOver('ROLLOUTS_TABLE', (table) => new RolloutReader(table)),
    control: storeOver('ROLLOUTS_TABLE', (table) => new ControlStore(table)),
    clock,
    ids,
  },
  abortRollout,
);
