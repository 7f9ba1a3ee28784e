import { UnreadableRowError } from '../domain/row/attributes.ts';

/** A device of which a row cannot be read, and why. It gets no offer and no permit, and is not scored, until the row is mended. */
export interface UnreadableDevice {
  readonly tenant: string;
  readonly deviceId: string;
  readonly unreadable: UnreadableRowError;
}

/** Whether a row could not be read. */
export const isUnreadableDevice = (row: object): row is UnreadableDevice => 'unreadable' in row;

/** What `read` reads of a device; `name` says which row it is that it could not. */
export function readOr<Row>(
  { tenant, deviceId }: Pick<UnreadableDevice, 'tenant' | 'deviceId'>,
  name: string,
  read: () => Row,
): Row | UnreadableDevice {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UnreadableRowError)) throw error;
    const unreadable = new UnreadableRowError(`${name}: ${error.message}`, { cause: error });
    return { tenant, deviceId, unreadable };
  }
}
