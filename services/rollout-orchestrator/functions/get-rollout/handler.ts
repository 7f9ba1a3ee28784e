import { clock, storeOver } from '#shared/capabilities/needs.ts';
import { GetRollout } from '#shared/contracts/api/rollouts.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { RolloutReader } from '../../steps/rollout-evidence.ts';
import { getRollout } from './get-rollout.ts';

/** One rollout with its counters, window and evidence. */
export const handler = onHttp(
  GetRollout,
  { reader: storeOver('ROLLOUTS_TABLE', (table) => new RolloutReader(table)), clock },
  getRollout,
);
