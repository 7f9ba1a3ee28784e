import { pause, type World } from '#shared/world/world.ts';

/** As often as the SDK tries what it may repeat. */
const TRIES = 3;
const FIRST_PAUSE_MS = 100;

/** Calls up to three times, as long as `may` says of what was thrown that another try is safe and may help. */
export async function tryAgain<Answer>(
  world: Pick<World, 'random' | 'after'>,
  may: (error: unknown) => boolean,
  call: () => Promise<Answer>,
): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await call();
    } catch (error) {
      if (!may(error) || tries === TRIES) throw error;
    }
    // Full jitter: what was throttled together must not come back together.
    await pause(world, world.random() * FIRST_PAUSE_MS * 2 ** tries);
  }
}
