import { isDeepStrictEqual } from 'node:util';
import { WrongStateError } from '#shared/errors/errors.ts';
import { changed, type Device } from './device.ts';

/** The device with these tags instead of its own; `undefined` when it has just these. Throws for one out of service. */
export function retagged(device: Device, tags: readonly string[]): Device | undefined {
  if (device.decommissioned) throw new WrongStateError('deviceId', 'must not be decommissioned');
  const sorted = tags.toSorted();
  return isDeepStrictEqual(sorted, device.tags) ? undefined : changed(device, { tags: sorted });
}
