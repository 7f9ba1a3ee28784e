import { ConflictError } from '#shared/errors/errors.ts';
import { type Patience, type RetryNeeds, retry } from './retry.ts';

/**
 * Reads, decides and saves (all of that is `attempt`, with identifiers of its own each time) until the save is not `stale`,
 * which says that somebody else wrote in between. Throws what `attempt` throws, at once, and `ConflictError` with `kept` as
 * its message when all tries were stale.
 */
export function retryStale<T>(
  attempt: () => Promise<T | 'stale'>,
  patience: Patience,
  needs: RetryNeeds,
  kept: string,
): Promise<T> {
  const stale = new ConflictError(kept);
  const savedOrThrown = async (): Promise<T> => {
    const saved = await attempt();
    if (saved === 'stale') throw stale;
    return saved;
  };
  return retry(savedOrThrown, patience, (thrown) => thrown === stale, needs);
}
