import type { AttemptContext } from '../domain/attempt/facts.ts';
import type { TimesAway } from '../domain/clock/away.ts';
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

/** Finds the durations of a rollout of that tenant; `undefined` where the tenant has no such rollout. */
export type ContextLookup = (rollout: string, tenant: string) => Promise<AttemptContext | undefined>;

/**
 * Looks rollouts up, each once per batch: what a rollout is never changes. One of another tenant is none, whatever a device says:
 * nothing that it tells may touch what is kept of that rollout. `away`: when devices could not be heard, where proofs may come.
 */
export function contextLookup(rollouts: RolloutStore, away?: TimesAway): ContextLookup {
  const found = new Map<string, Promise<RolloutRecord | undefined>>();
  return async (rollout, tenant) => {
    const known = found.get(rollout) ?? rollouts.read(rollout);
    found.set(rollout, known);
    const record = await known;
    if (record?.tenant !== tenant) return undefined;
    return { ...attemptContextOf(record), ...(away && { away }) };
  };
}
