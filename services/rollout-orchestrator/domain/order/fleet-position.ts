import { listCursor, readCursor } from '#shared/contracts/list-cursor.ts';
import { DeviceId } from '#shared/contracts/names.ts';

/** How far a walk through the buckets of a fleet has come: into which bucket (0 to 255), and there behind which device. */
export interface FleetPosition {
  readonly bucket: number;
  /** Absent at the beginning of the bucket. */
  readonly afterId?: string;
}

/** Where a walk begins. */
export const FLEET_BEGIN: FleetPosition = { bucket: 0 };
/** The least character that a device id may hold: the first id behind `x` in the order of bytes is `x-`. */
const LEAST = '-';
const WORD = /^([0-9a-f]{2})(.*)$/;

/** The least id that lies behind a position in its bucket, where that is not the bucket's first. */
export const firstIdBehind = ({ afterId }: FleetPosition): string | undefined =>
  afterId === undefined ? undefined : afterId + LEAST;

/** A position as a cursor: nothing but a position whoever made it. */
export const cursorOf = ({ bucket, afterId = '' }: FleetPosition): string =>
  listCursor(bucket.toString(16).padStart(2, '0') + afterId);

/** The position that a cursor names. Throws `RefusedError` for a text that no listing gave. */
export const positionOf = (cursor: string): FleetPosition =>
  readCursor(cursor, (place) => {
    const [, bucket, afterId = ''] = WORD.exec(place) ?? [];
    if (bucket === undefined) return undefined;
    const position = { bucket: Number.parseInt(bucket, 16) };
    if (afterId === '') return position;
    return DeviceId.safeParse(afterId).success ? { ...position, afterId } : undefined;
  });
