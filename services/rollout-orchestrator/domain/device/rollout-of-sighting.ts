import type { DeviceRecord } from './device.ts';

/** The rollout whose attempt a check of this device is about: the open one, one that is missed, or the one that it names. */
export function rolloutOfSighting(
  { open, missing }: Pick<DeviceRecord, 'open' | 'missing'>,
  last: { readonly rollout: string } | undefined,
): string | undefined {
  return open?.rollout ?? missing?.rollout ?? last?.rollout;
}
