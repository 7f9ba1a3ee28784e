import { clock, ids, queue, storeOver } from '#shared/capabilities/needs.ts';
import { CreateRollout } from '#shared/contracts/api/rollouts.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { RolloutReader } from '../../steps/rollout-evidence.ts';
import { ControlStore } from '../../stores/control-store.ts';
import { PreviewStore } from '../../stores/preview-store.ts';
import { ReleaseStore } from '../../stores/release-store.ts';
import { createRollout } from './create-rollout.ts';

/** A rollout document -> a draft rollout, and whom it would reach is being counted. */
export const handler = onHttp(
  CreateRollout,
  {
    reader: storeOver('ROLLOUTS_TABLE', (table) => new RolloutReader(table)),
    control: storeOver('ROLLOUTS_TABLE', (table) => new ControlStore(table)),
    releases: storeOver('ROLLOUTS_TABLE', (table) => new ReleaseStore(table)),
    previews: storeOver('ROLLOUTS_TABLE', (table) => new PreviewStore(table)),
    members: queue('MEMBERS_QUEUE'),
    clock,
    ids,
  },
  createRollout,
);
