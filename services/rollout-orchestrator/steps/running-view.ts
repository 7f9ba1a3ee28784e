import type * as z from 'zod';
import type { LastRunning } from '#shared/contracts/api/rollout-devices.ts';
import type { DownloadTrouble } from '#shared/contracts/device/check.ts';
import type { DeviceRecord } from '../domain/device/device.ts';

/** What people are told of a device's last check: what it ran and could not download. Empty as long as it never checked in. */
export function runningView({ running }: DeviceRecord): {
  readonly running?: z.infer<typeof LastRunning>;
  readonly trouble?: DownloadTrouble;
} {
  if (running === undefined) return {};
  const { version, digest, seenAtMs, trouble } = running;
  return {
    running: { version, seenAtMs, ...(digest !== undefined && { digest }) },
    ...(trouble && { trouble }),
  };
}
