import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import { GetFailures } from '#shared/contracts/api/telemetry.ts';
import type { ApiClient } from '../api-client.ts';

/** So many devices failed in one way. */
export interface FailureCount {
  /** The device's own word, or `reverted`, `silent`, `lost` where it said nothing. */
  readonly reason: string;
  readonly hardware: string;
  /** The version that was being installed. */
  readonly version: string;
  readonly count: number;
}

/** Ends that no device reports: they are seen from the backend, and counted by the orchestrator alone. */
const UNREPORTED = ['reverted', 'silent', 'lost'] as const;

/** The failures of a rollout, those that devices reported and those that only their silence told; most frequent first. */
export async function rolloutFailures(
  client: ApiClient,
  { rollout, release, cohorts }: RolloutView,
): Promise<FailureCount[]> {
  const { failures } = await client.call(GetFailures, { params: { rollout } });
  const version = release.slice(release.indexOf('/') + 1);
  const unreported = new Map<string, FailureCount>();
  for (const { hardware, counts } of cohorts) {
    for (const reason of UNREPORTED) {
      const key = `${reason} ${hardware}`;
      const count = (unreported.get(key)?.count ?? 0) + counts[reason];
      if (count > 0) unreported.set(key, { reason, hardware, version, count });
    }
  }
  return [...failures, ...unreported.values()].toSorted((a, b) => b.count - a.count);
}
