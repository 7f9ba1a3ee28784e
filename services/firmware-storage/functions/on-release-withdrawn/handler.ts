import { clock, ids, storeOver } from '#shared/capabilities/needs.ts';
import { ReleaseWithdrawn } from '#shared/contracts/events/release-events.ts';
import { onEvent } from '#shared/lambda/on-event.ts';
import { ReleaseStore } from '../../stores/release-store.ts';
import { onReleaseWithdrawn } from './on-release-withdrawn.ts';

/** The orchestrator has withdrawn a release -> its revocation is complete. */
export const handler = onEvent(
  ReleaseWithdrawn,
  { releases: storeOver('FIRMWARE_TABLE', (table) => new ReleaseStore(table)), clock, ids },
  onReleaseWithdrawn,
);
