import { DeviceId } from '#shared/contracts/names.ts';
import { RefusedError } from '#shared/errors/errors.ts';

/** The least character that a device id may hold: the first id after `x` in byte order is `x-`. */
const LEAST = '-';

/** The cursor after the device of that id: opaque to clients, good for their own tenant whoever made it. */
export function cursorAfter(deviceId: string): string {
  return Buffer.from(deviceId).toString('base64url');
}

/** The first id that may follow the one that the cursor names. Throws `RefusedError` for a text that no listing gave. */
export function firstIdAfter(cursor: string): string {
  const deviceId = Buffer.from(cursor, 'base64url').toString();
  if (!DeviceId.safeParse(deviceId).success || cursorAfter(deviceId) !== cursor) {
    throw new RefusedError('cursor', 'must be one that a listing gave');
  }
  return deviceId + LEAST;
}
