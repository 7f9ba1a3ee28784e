import { clock, ids, queue, storeOver } from '#shared/capabilities/needs.ts';
import { OpenStage } from '#shared/contracts/api/rollouts.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { RolloutReader } from '../../steps/rollout-evidence.ts';
import { ControlStore } from '../../stores/control-store.ts';
import { openStage } from './open-stage.ts';

/** An operator opens the next stage by hand -> it is open, unless evidence speaks against it. */
export const handler = onHttp(
  OpenStage,
  {
    reader: storeOver('ROLLOUTS_TABLE', (table) => new RolloutReader(table)),
    control: storeOver('ROLLOUTS_TABLE', (table) => new ControlStore(table)),
    advance: queue('ADVANCE_QUEUE'),
    clock,
    ids,
  },
  openStage,
);
