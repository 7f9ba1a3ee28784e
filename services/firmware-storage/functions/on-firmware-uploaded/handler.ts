import { bucket, clock, ids, storeOver } from '#shared/capabilities/needs.ts';
import { onUpload } from '#shared/lambda/on-upload.ts';
import { ReleaseStore } from '../../stores/release-store.ts';
import { onFirmwareUploaded } from './on-firmware-uploaded.ts';

/** An upload is complete -> its bytes are held against the signed manifest, and kept under their own digest or rejected. */
export const handler = onUpload(
  {
    firmware: bucket('FIRMWARE_BUCKET'),
    releases: storeOver('FIRMWARE_TABLE', (table) => new ReleaseStore(table)),
    clock,
    ids,
  },
  onFirmwareUploaded,
);
