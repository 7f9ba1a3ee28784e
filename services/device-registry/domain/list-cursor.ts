import { listCursor, readCursor } from '#shared/contracts/list-cursor.ts';
import { DeviceId } from '#shared/contracts/names.ts';

/** The least character that a device id may hold: the first id after `x` in byte order is `x-`. */
const LEAST = '-';

/** The cursor after the device of that id: good for their own tenant whoever made it. */
export const cursorAfter = (deviceId: string): string => listCursor(deviceId);

/** The first id that may follow that one. */
export const nextIdAfter = (deviceId: string): string => deviceId + LEAST;

/** The first id that may follow the one that the cursor names. Throws `RefusedError` for a text that no listing gave. */
export const firstIdAfter = (cursor: string): string =>
  nextIdAfter(readCursor(cursor, (deviceId) => DeviceId.safeParse(deviceId).data));
