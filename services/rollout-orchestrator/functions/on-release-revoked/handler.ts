import { clock, ids, storeOver } from '#shared/capabilities/needs.ts';
import { ReleaseRevoked } from '#shared/contracts/events/release-events.ts';
import { onEvent } from '#shared/lambda/on-event.ts';
import { RolloutReader } from '../../steps/rollout-evidence.ts';
import { ActiveListStore } from '../../stores/active-list-store.ts';
import { ControlStore } from '../../stores/control-store.ts';
import { ReleaseStore } from '../../stores/release-store.ts';
import { onReleaseRevoked } from './on-release-revoked.ts';

/** A release is withdrawn -> nothing of it is offered or permitted any more, and that is acknowledged. */
export const handler = onEvent(
  ReleaseRevoked,
  {
    releases: storeOver('ROLLOUTS_TABLE', (table) => new ReleaseStore(table)),
    rollouts: storeOver('ROLLOUTS_TABLE', (table) => new ActiveListStore(table)),
    reader: storeOver('ROLLOUTS_TABLE', (table) => new RolloutReader(table)),
    control: storeOver('ROLLOUTS_TABLE', (table) => new ControlStore(table)),
    clock,
    ids,
  },
  onReleaseRevoked,
);
