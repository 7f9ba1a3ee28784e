import { realWorld } from '#shared/world/real-world.ts';
import { pause } from '#shared/world/world.ts';

const WITHIN_MS = 400_000;
const LOOK_EVERY_MS = 250;

/** Resolves once `holds`; throws with `what` when that takes too long. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const untilMs = realWorld.monotonicMs() + WITHIN_MS;
  while (!(await holds())) {
    if (realWorld.monotonicMs() > untilMs) throw new Error(`waited in vain until ${what}`);
    await pause(realWorld, LOOK_EVERY_MS);
  }
}
