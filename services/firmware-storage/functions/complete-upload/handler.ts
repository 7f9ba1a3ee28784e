import { clock, ids, storeOver, uploads } from '#shared/capabilities/needs.ts';
import { CompleteUpload } from '#shared/contracts/api/firmware.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { ReleaseStore } from '../../stores/release-store.ts';
import { completeUpload } from './complete-upload.ts';

/** A manufacturer has sent all parts -> the object appears in the bucket, and its verification begins. */
export const handler = onHttp(
  CompleteUpload,
  {
    releases: storeOver('FIRMWARE_TABLE', (table) => new ReleaseStore(table)),
    uploads: uploads('FIRMWARE_BUCKET'),
    clock,
    ids,
  },
  completeUpload,
);
