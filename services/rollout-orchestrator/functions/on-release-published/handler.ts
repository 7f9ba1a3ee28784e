import { storeOver } from '#shared/capabilities/needs.ts';
import { ReleasePublished } from '#shared/contracts/events/release-events.ts';
import { onEvent } from '#shared/lambda/on-event.ts';
import { ReleaseStore } from '../../stores/release-store.ts';
import { onReleasePublished } from './on-release-published.ts';

/** A release was published -> rollouts may use it. */
export const handler = onEvent(
  ReleasePublished,
  { releases: storeOver('ROLLOUTS_TABLE', (table) => new ReleaseStore(table)) },
  onReleasePublished,
);
