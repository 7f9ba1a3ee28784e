import { clock, ids, storeOver } from '#shared/capabilities/needs.ts';
import { PauseRollout } from '#shared/contracts/api/rollouts.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { RolloutReader } from '../../steps/rollout-evidence.ts';
import { ControlStore } from '../../stores/control-store.ts';
import { pauseRollout } from './pause-rollout.ts';

/** An operator pauses a rollout -> no permit is granted until it is resumed. */
export const handler = onHttp(
  PauseRollout,
  {
    reader: storeOver('ROLLOUTS_TABLE', (table) => new RolloutReader(table)),
    control: storeOver('ROLLOUTS_TABLE', (table) => new ControlStore(table)),
    clock,
    ids,
  },
  pauseRollout,
);
