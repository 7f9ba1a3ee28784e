import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import { pause } from '#shared/world/world.ts';
import type { ApiClient } from '../api-client.ts';
import { ApiError, UnreachableError } from '../errors.ts';
import { showRollout } from './rollouts.ts';

/** Nobody is kept waiting for longer: a preview is no promise. */
export const PREVIEW_PATIENCE_MS = 5_000;
const LOOK_AGAIN_MS = 200;

/**
 * Waits until a draft's devices have been counted, for a few seconds; answers the draft as it was last seen, whether or not they have.
 * `onWait` hears after each look that found no count how long that has taken. What goes wrong meanwhile ends the wait alone.
 */
export async function awaitPreview(
  client: ApiClient,
  draft: RolloutView,
  onWait: (waitedMs: number) => void,
): Promise<RolloutView> {
  const sinceMs = client.world.monotonicMs();
  let last = draft;
  while (last.preview?.state === 'counting') {
    const waitedMs = client.world.monotonicMs() - sinceMs;
    if (waitedMs >= PREVIEW_PATIENCE_MS) return last;
    onWait(waitedMs);
    await pause(client.world, LOOK_AGAIN_MS);
    try {
      last = await showRollout(client, draft.rollout);
    } catch (error) {
      if (error instanceof ApiError || error instanceof UnreachableError) return last;
      throw error;
    }
  }
  return last;
}
