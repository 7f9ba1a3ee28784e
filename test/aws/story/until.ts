import { realWorld } from '#shared/world/real-world.ts';
import { pause } from '#shared/world/world.ts';

const HOLDS_WITHIN_MS = 900_000;
/**
 * How long a test may take: longer than `until`, which says what it waited for. All of them take two minutes on two idle cores, most of it
 * until SQS is sure to have no report left: a minute, as on AWS.
 */
export const WITHIN_MS = 1_200_000;
const LOOK_EVERY_MS = 250;

/** Resolves once `holds`; throws with `what` when that takes too long. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const untilMs = realWorld.monotonicMs() + HOLDS_WITHIN_MS;
  while (!(await holds())) {
    if (realWorld.monotonicMs() > untilMs) throw new Error(`waited in vain until ${what}`);
    await pause(realWorld, LOOK_EVERY_MS);
  }
}
