import { clock, downloads, storeOver } from '#shared/capabilities/needs.ts';
import { CreateDownloadUrl } from '#shared/contracts/api/firmware.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { ReleaseStore } from '../../stores/release-store.ts';
import { createDownloadUrl } from './create-download-url.ts';

/** Somebody wants the bytes of an artifact -> a URL that gives them for a quarter of an hour. */
export const handler = onHttp(
  CreateDownloadUrl,
  {
    releases: storeOver('FIRMWARE_TABLE', (table) => new ReleaseStore(table)),
    downloads: downloads('FIRMWARE_BUCKET'),
    clock,
  },
  createDownloadUrl,
);
