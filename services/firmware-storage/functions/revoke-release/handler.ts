import { clock, ids, storeOver } from '#shared/capabilities/needs.ts';
import { RevokeRelease } from '#shared/contracts/api/firmware.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { ReleaseStore } from '../../stores/release-store.ts';
import { revokeRelease } from './revoke-release.ts';

/** A manufacturer withdraws a release -> the bus tells of it, and soon no device is offered it. */
export const handler = onHttp(
  RevokeRelease,
  { releases: storeOver('FIRMWARE_TABLE', (table) => new ReleaseStore(table)), clock, ids },
  revokeRelease,
);
