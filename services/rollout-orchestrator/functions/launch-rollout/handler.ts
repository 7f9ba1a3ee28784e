import { clock, ids, queue, storeOver } from '#shared/capabilities/needs.ts';
import { LaunchRollout } from '#shared/contracts/api/rollouts.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { RolloutReader } from '../../steps/rollout-evidence.ts';
import { ActiveListStore } from '../../stores/active-list-store.ts';
import { ControlStore } from '../../stores/control-store.ts';
import { HoldOutStore } from '../../stores/hold-out-store.ts';
import { ReleaseStore } from '../../stores/release-store.ts';
import { RolloutStore } from '../../stores/rollout-store.ts';
import { launchRollout } from './launch-rollout.ts';

/** An operator launches a draft -> it runs, and its members are being counted. */
export const handler = onHttp(
  LaunchRollout,
  {
    reader: storeOver('ROLLOUTS_TABLE', (table) => new RolloutReader(table)),
    control: storeOver('ROLLOUTS_TABLE', (table) => new ControlStore(table)),
    releases: storeOver('ROLLOUTS_TABLE', (table) => new ReleaseStore(table)),
    holdOuts: storeOver('ROLLOUTS_TABLE', (table) => new HoldOutStore(table)),
    rollouts: storeOver('ROLLOUTS_TABLE', (table) => new RolloutStore(table)),
    listed: storeOver('ROLLOUTS_TABLE', (table) => new ActiveListStore(table)),
    members: queue('MEMBERS_QUEUE'),
    clock,
    ids,
  },
  launchRollout,
);
