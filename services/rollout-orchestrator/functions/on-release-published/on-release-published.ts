import type { ReleasePublished } from '#shared/contracts/events/release-events.ts';
import type { ReleaseStore } from '../../stores/release-store.ts';

/** Keeps what offers will need of the release. */
export async function onReleasePublished(
  event: ReleasePublished,
  { releases }: { readonly releases: ReleaseStore },
): Promise<void> {
  await releases.published(event);
}
