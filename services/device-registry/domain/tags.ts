import { isDeepStrictEqual } from 'node:util';
import { WrongStateError } from '#shared/errors/errors.ts';
import { changed, type Device } from './device.ts';

/**
 * The device with these tags instead of its own; `undefined` when it has just these. Throws for one out of service, and for one that does not
 * have the tags `had` any more, where they are told.
 */
export function retagged(
  device: Device,
  tags: readonly string[],
  had?: readonly string[],
): Device | undefined {
  if (device.decommissioned) throw new WrongStateError('deviceId', 'must not be decommissioned');
  const sorted = tags.toSorted();
  if (isDeepStrictEqual(sorted, device.tags)) return undefined;
  if (had !== undefined && !isDeepStrictEqual(had.toSorted(), device.tags))
    throw new WrongStateError('had', 'must be the tags that the device has');
  return changed(device, { tags: sorted });
}
