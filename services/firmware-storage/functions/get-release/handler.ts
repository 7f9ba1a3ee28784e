import { storeOver } from '#shared/capabilities/needs.ts';
import { GetRelease } from '#shared/contracts/api/firmware.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { ReleaseStore } from '../../stores/release-store.ts';
import { getRelease } from './get-release.ts';

/** Somebody asks for a release -> its state and that of its artifacts. */
export const handler = onHttp(
  GetRelease,
  { releases: storeOver('FIRMWARE_TABLE', (table) => new ReleaseStore(table)) },
  getRelease,
);
