import { clock, ids, storeOver } from '#shared/capabilities/needs.ts';
import { ReleaseFromQuarantine } from '#shared/contracts/api/rollout-devices.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { DeviceStore } from '../../stores/device-store.ts';
import { QuarantineStore } from '../../stores/quarantine-store.ts';
import { releaseFromQuarantine } from './release-from-quarantine.ts';

/** An operator releases a device from quarantine -> its next check is answered like any other. */
export const handler = onHttp(
  ReleaseFromQuarantine,
  {
    devices: storeOver('ROLLOUTS_TABLE', (table) => new DeviceStore(table)),
    quarantine: storeOver('ROLLOUTS_TABLE', (table) => new QuarantineStore(table)),
    clock,
    ids,
  },
  releaseFromQuarantine,
);
