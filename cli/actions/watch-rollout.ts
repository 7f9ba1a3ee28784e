import { isDeepStrictEqual } from 'node:util';
import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import type { World } from '#shared/world/world.ts';
import type { ApiClient } from '../api-client.ts';
import { ApiError, UnreachableError } from '../errors.ts';
import { showRollout } from './rollouts.ts';

/** How a rollout is watched. */
export interface WatchOptions {
  /** Time between two looks, a second unless told. */
  readonly intervalMs?: number;
  /** Whether a rollout that stands still ends the watch, too; it is waited for unless told. */
  readonly endsAtStandstill?: boolean;
  /** Ends the watch; the last view is the answer. */
  readonly stop?: AbortSignal;
  /** Hears when the API cannot be reached or answers for a fault of its own, and with `undefined` when it is back. */
  readonly onTrouble?: (error: UnreachableError | ApiError | undefined) => void;
}

const INTERVAL_MS = 1_000;
/** How long the API may be out of reach before the watch gives up. */
const PATIENCE_MS = 300_000;

/** Whether a watch has nothing more to wait for. A halted rollout can be resumed, but not without a person. */
export function hasEnded({ state }: Pick<RolloutView, 'state'>): boolean {
  return state === 'completed' || state === 'halted' || state === 'aborted';
}

/** Whether nothing goes on without a person, or a change in the field, though it is not over: nobody launched it, it is paused, it has stalled. */
export function standsStill({ state, stalled }: Pick<RolloutView, 'state' | 'stalled'>): boolean {
  return state === 'draft' || state === 'paused' || stalled === true;
}

/**
 * Looks at a rollout until it is completed, halted or aborted; `onView` hears every view that differs from the one before.
 * Answers the last view. Throws what the API refuses, and `UnreachableError` when it stays away.
 */
export async function watchRollout(
  client: ApiClient,
  rollout: string,
  onView: (view: RolloutView) => void,
  options: WatchOptions = {},
): Promise<RolloutView> {
  const { intervalMs = INTERVAL_MS, endsAtStandstill = false, stop, onTrouble } = options;
  const isOver = (view: RolloutView) => hasEnded(view) || (endsAtStandstill && standsStill(view));
  // The first look has the patience of any call; those that follow have that of the watch.
  const looking = client.tryingOnce();
  let last: RolloutView | undefined;
  let awaySinceMs: number | undefined;
  for (;;) {
    try {
      const view = await showRollout(last === undefined ? client : looking, rollout);
      if (awaySinceMs !== undefined) onTrouble?.(undefined);
      awaySinceMs = undefined;
      if (!isDeepStrictEqual(view, last)) onView(view);
      last = view;
    } catch (error) {
      // A backend that restarts is no reason to stop looking, but one that never answered is.
      if (!isTrouble(error) || last === undefined) throw error;
      awaySinceMs ??= client.world.monotonicMs();
      if (client.world.monotonicMs() - awaySinceMs >= PATIENCE_MS) throw error;
      onTrouble?.(error);
    }
    if (last !== undefined && (isOver(last) || stop?.aborted === true)) return last;
    await pauseOrStop(client.world, intervalMs, stop);
  }
}

function isTrouble(error: unknown): error is UnreachableError | ApiError {
  if (error instanceof ApiError) return error.status >= 500 || error.status === 429;
  return error instanceof UnreachableError;
}

function pauseOrStop(world: World, delayMs: number, stop: AbortSignal | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = world.after(delayMs, resolve);
  const end = () => {
    cancel();
    resolve();
  };
  stop?.addEventListener('abort', end, { once: true });
  return promise.finally(() => stop?.removeEventListener('abort', end));
}
