import type { DeviceRecord } from './device.ts';

/**
 * The rollout whose attempt a check of this device is about: the open one, one that is missed, the one that ended badly where it may be
 * that two devices speak, or the one that it names.
 */
export function rolloutOfSighting(
  { open, missing, bad, bootFlips }: Partial<DeviceRecord>,
  last: { readonly rollout: string } | undefined,
): string | undefined {
  const inDoubt = bootFlips === undefined || bootFlips === 0 ? undefined : bad;
  return open?.rollout ?? missing?.rollout ?? inDoubt?.rollout ?? last?.rollout;
}
