import { clock, ids, storeOver } from '#shared/capabilities/needs.ts';
import { CreateRollout } from '#shared/contracts/api/rollouts.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { RolloutReader } from '../../steps/rollout-evidence.ts';
import { ControlStore } from '../../stores/control-store.ts';
import { ReleaseStore } from '../../stores/release-store.ts';
import { createRollout } from './create-rollout.ts';

/** A rollout document -> a draft rollout. */
export const handler = onHttp(
  CreateRollout,
  {
    reader: storeOver('ROLLOUTS_TABLE', (table) => new RolloutReader(table)),
    control: storeOver('ROLLOUTS_TABLE', (table) => new ControlStore(table)),
    releases: storeOver('ROLLOUTS_TABLE', (table) => new ReleaseStore(table)),
    clock,
    ids,
  },
  createRollout,
);
