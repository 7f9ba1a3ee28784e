import type { Release, ReleaseId } from '../domain/release.ts';
import type { ReleaseStore } from '../stores/release-store.ts';
import { type SaveNeeds, untilSaved } from './until-saved.ts';

/** What it takes to change a release. */
export interface ChangeNeeds extends SaveNeeds {
  readonly releases: ReleaseStore;
}

/**
 * Reads the release, lets `decide` say what it becomes (`undefined`: nothing to change) and saves that; answers the release
 * as it then is. Throws `NotFoundError`, what `decide` throws, and `ConflictError` when others kept changing it.
 */
export function changeRelease(
  which: ReleaseId,
  actor: string,
  decide: (release: Release, atMs: number) => Release | undefined,
  { releases, clock, ids }: ChangeNeeds,
): Promise<Release> {
  return untilSaved(
    async () => {
      const before = await releases.get(which);
      const atMs = clock.now();
      const after = decide(before, atMs);
      if (after === undefined) return before;
      const saved = await releases.save(before, after, { id: ids.next(), atMs, actor });
      return saved === 'saved' ? after : saved;
    },
    { clock, ids },
  );
}
