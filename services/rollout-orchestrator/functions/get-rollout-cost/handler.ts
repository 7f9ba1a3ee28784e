import { storeOver, usage } from '#shared/capabilities/needs.ts';
import { GetRolloutCost } from '#shared/contracts/api/cost.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { RolloutReader } from '../../steps/rollout-evidence.ts';
import { getRolloutCost } from './get-rollout-cost.ts';

/** What a rollout costs at AWS list prices. */
export const handler = onHttp(
  GetRolloutCost,
  { reader: storeOver('ROLLOUTS_TABLE', (table) => new RolloutReader(table)), usage },
  getRolloutCost,
);
