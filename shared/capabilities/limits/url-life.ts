import { RefusedError } from '#shared/errors/errors.ts';
import type { World } from '#shared/world/world.ts';

/** Seconds since 1970 when a URL made now ends, never later than asked. Throws `RefusedError` unless it lives 1 to `longestSeconds`. */
export function expiryAfter(world: Pick<World, 'now'>, lifeSeconds: number, longestSeconds: number): number {
  if (!Number.isSafeInteger(lifeSeconds) || lifeSeconds < 1 || lifeSeconds > longestSeconds) {
    throw new RefusedError('lifeSeconds', `must be a whole number from 1 to ${longestSeconds}`);
  }
  return Math.floor(world.now() / 1000) + lifeSeconds;
}
