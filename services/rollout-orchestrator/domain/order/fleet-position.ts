import { DeviceId } from '#shared/contracts/names.ts';
import { RefusedError } from '#shared/errors/errors.ts';

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

/** A position as a cursor: opaque to clients, and nothing but a position whoever made it. */
export function cursorOf({ bucket, afterId = '' }: FleetPosition): string {
  return Buffer.from(bucket.toString(16).padStart(2, '0') + afterId).toString('base64url');
}

/** The position that a cursor names. Throws `RefusedError` for a text that no listing gave. */
export function positionOf(cursor: string): FleetPosition {
  const [, bucket = '', afterId = ''] = WORD.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  const position = {
    bucket: Number.parseInt(bucket, 16),
    ...(afterId !== '' && { afterId }),
  };
  const isId = afterId === '' || DeviceId.safeParse(afterId).success;
  if (bucket === '' || !isId || cursorOf(position) !== cursor)
    throw new RefusedError('cursor', 'must be one that a listing gave');
  return position;
}
