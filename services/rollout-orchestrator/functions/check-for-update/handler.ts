import { clock, deviceLink, downloads, queue, storeOver } from '#shared/capabilities/needs.ts';
import { CheckRequest } from '#shared/contracts/device/check.ts';
import { onDeviceMessage } from '#shared/lambda/on-device-message.ts';
import { ActiveRollouts } from '../../steps/active-rollouts.ts';
import { ReleasedVersions } from '../../steps/released-versions.ts';
import { DeviceStore } from '../../stores/device-store.ts';
import { checkForUpdate } from './check-for-update.ts';

/** A device asks whether there is firmware for it -> it gets an offer, or learns when to ask again. */
export const handler = onDeviceMessage(
  'check',
  CheckRequest,
  {
    devices: storeOver('ROLLOUTS_TABLE', (table) => new DeviceStore(table)),
    active: storeOver('ROLLOUTS_TABLE', (table) => new ActiveRollouts(table)),
    released: storeOver('ROLLOUTS_TABLE', (table) => new ReleasedVersions(table)),
    reports: queue('REPORTS_QUEUE'),
    permits: queue('PERMITS_QUEUE'),
    firmware: downloads('FIRMWARE_BUCKET'),
    link: deviceLink,
    clock,
  },
  checkForUpdate,
);
