import { clock, ids, storeOver, uploads } from '#shared/capabilities/needs.ts';
import { BeginUpload } from '#shared/contracts/api/firmware.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { ReleaseStore } from '../../stores/release-store.ts';
import { beginUpload } from './begin-upload.ts';

/** A manufacturer wants to upload an artifact -> URLs for its parts, straight into the bucket. */
export const handler = onHttp(
  BeginUpload,
  {
    releases: storeOver('FIRMWARE_TABLE', (table) => new ReleaseStore(table)),
    uploads: uploads('FIRMWARE_BUCKET'),
    clock,
    ids,
  },
  beginUpload,
);
