import type { AttemptContext } from '../domain/attempt/facts.ts';
import type { RolloutRecord, RolloutStore } from '../stores/rollout-store.ts';

/** Devices connect again within so long after the backend was away: the reference agent's longest first wait. */
const RECONNECT_JITTER_MS = 60_000;
/** With deadlines below minutes (a bench), reconnecting is assumed to be as quick as silence is. */
const reconnectJitterMs = (silentAfterMs: number): number => Math.min(RECONNECT_JITTER_MS, silentAfterMs);

/** The durations that attempts of this rollout are judged by. */
export function attemptContextOf({ document: { halt } }: RolloutRecord): AttemptContext {
  return {
    silentAfterMs: halt.silentAfterMs,
    installWithinMs: halt.installWithinMs,
    reconnectJitterMs: reconnectJitterMs(halt.silentAfterMs),
  };
}

/** Looks rollouts up, each once per batch: what a rollout is never changes. */
export function rolloutLookup(
  rollouts: RolloutStore,
): (rollout: string) => Promise<RolloutRecord | undefined> {
  const found = new Map<string, Promise<RolloutRecord | undefined>>();
  return (rollout) => {
    const known = found.get(rollout) ?? rollouts.read(rollout);
    found.set(rollout, known);
    return known;
  };
}
