import { retry } from '#shared/retry/retry.ts';
import { pause, type World } from '#shared/world/world.ts';

/** As often as the SDK tries what it may repeat. */
const PATIENCE = { tries: 3, firstPauseMs: 200 };

/** Calls up to three times, as long as `may` says of what was thrown that another try is safe and may help. */
export function tryAgain<Answer>(
  world: Pick<World, 'random' | 'after'>,
  may: (error: unknown) => boolean,
  call: () => Promise<Answer>,
): Promise<Answer> {
  const clock = { pause: (delayMs: number) => pause(world, delayMs) };
  return retry(call, PATIENCE, may, { clock, ids: world });
}
