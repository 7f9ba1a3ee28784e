import { WrongStateError } from '#shared/errors/errors.ts';
import { isUnreadableDevice, type UnreadableDevice } from '../stores/unreadable-device.ts';

/** The same rows, for an answer to a person; throws `WrongStateError` with what is wrong where one of them cannot be read. */
export function requireReadable<Row extends object>(rows: readonly (Row | UnreadableDevice)[]): Row[] {
  return rows.map((row) => {
    if (!isUnreadableDevice(row)) return row;
    throw new WrongStateError(
      'device',
      `must be mended, it gets nothing until then: ${row.unreadable.message}`,
    );
  });
}
