import { CreateRollout, type RolloutView } from '#shared/contracts/api/rollouts.ts';
import { pause } from '#shared/world/world.ts';
import type { ApiClient } from '../api-client.ts';
import { ApiError } from '../errors.ts';
import { parseReleaseName, showRelease } from './releases.ts';
import type { RolloutDocument } from './rollouts.ts';

/** Who keeps rollouts hears of a published release by an event: within a second or so, unless something is down. */
const HEARD_WITHIN_MS = 60_000;
const LOOK_AGAIN_MS = 250;

/**
 * Makes a draft. A release that was published just now may not be known yet where rollouts are kept: then it is asked again for a
 * while, so that `release publish` and `rollout launch` may follow each other. Throws what the API refuses.
 */
export async function createRollout(client: ApiClient, document: RolloutDocument): Promise<RolloutView> {
  for (const untilMs = client.world.monotonicMs() + HEARD_WITHIN_MS; ; ) {
    try {
      return await client.call(CreateRollout, { body: { document } });
    } catch (error) {
      if (client.world.monotonicMs() >= untilMs || !(await isUnheardOf(client, error))) throw error;
    }
    await pause(client.world, LOOK_AGAIN_MS);
  }
}

/** Whether a document was refused for a release that is published. */
async function isUnheardOf(client: ApiClient, error: unknown): Promise<boolean> {
  if (!(error instanceof ApiError) || error.field !== 'release') return false;
  const [, release] = /^(\S+\/\S+) must be a published release$/.exec(error.rule ?? '') ?? [];
  if (release === undefined) return false;
  try {
    return (await showRelease(client, parseReleaseName(release))).state === 'published';
  } catch (unknown) {
    // What is told is why the document was refused, and not that its release could not be looked at.
    if (unknown instanceof ApiError) return false;
    throw unknown;
  }
}
