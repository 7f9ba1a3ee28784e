import type { ReleaseView } from '#shared/contracts/api/firmware.ts';
import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import { documentSha256 } from '#shared/contracts/document-sha256.ts';
import type { ApiClient } from '../api-client.ts';
import { ApiError } from '../errors.ts';
import { listReleases, parseReleaseName, showProduct, showRelease } from './releases.ts';
import { listRollouts, type RolloutSummary, showRollout } from './rollouts.ts';
import type { ProductKey } from './signing-keys.ts';

/** A release, and the rollouts that may bring it to devices. */
export interface SignedRelease {
  readonly release: string;
  readonly state: ReleaseView['state'];
  readonly rollouts: readonly Pick<RolloutSummary, 'rollout' | 'state'>[];
}

/** So many of each are looked through; the newest come first. */
const MOST_LOOKED_AT = 10_000;
const OVER: ReadonlySet<RolloutSummary['state']> = new Set(['aborted', 'completed']);
const NO_WAY_OUT: ReadonlySet<ReleaseView['state']> = new Set(['rejected', 'revoked']);

/** The rollouts of that release, newest first, those that are over too. */
export async function rolloutsOfRelease(client: ApiClient, release: string): Promise<RolloutSummary[]> {
  return (await listRollouts(client, MOST_LOOKED_AT)).filter((one) => one.release === release);
}

/**
 * What that key has signed and may still reach devices, newest first. `undefined` where the backend does not say who signed what, so that
 * nobody takes that for nothing.
 */
export async function releasesSignedBy(
  client: ApiClient,
  product: string,
  keyId: string,
): Promise<SignedRelease[] | undefined> {
  const releases = await listReleases(client, product, MOST_LOOKED_AT);
  if (releases.some((one) => one.keyId === undefined)) return undefined;
  const signed = releases.filter((one) => one.keyId === keyId && !NO_WAY_OUT.has(one.state));
  if (signed.length === 0) return [];
  const rollouts = (await listRollouts(client, MOST_LOOKED_AT)).filter(({ state }) => !OVER.has(state));
  return signed.map(({ release, state }) => ({
    release,
    state,
    rollouts: rollouts
      .filter((one) => one.release === release)
      .map((one) => ({ rollout: one.rollout, state: one.state })),
  }));
}

/** The rollouts of that release which are not over, newest first, but for the one that is asked for. */
export async function otherRollouts(
  client: ApiClient,
  { release, rollout }: Pick<RolloutSummary, 'release' | 'rollout'>,
): Promise<RolloutSummary[]> {
  const rollouts = await rolloutsOfRelease(client, release);
  return rollouts.filter((one) => one.rollout !== rollout && !OVER.has(one.state));
}

/**
 * The newest rollout of the very same document that was launched, whatever has become of it since; but for the one that is asked for.
 * Drafts are none, and those that were dropped before a launch neither.
 */
export async function launchedBefore(
  client: ApiClient,
  { release, rollout, document }: Pick<RolloutView, 'release' | 'rollout' | 'document'>,
): Promise<RolloutView | undefined> {
  const wanted = documentSha256(document);
  for (const one of await rolloutsOfRelease(client, release)) {
    if (one.rollout === rollout || one.state === 'draft') continue;
    const view = await showRollout(client, one.rollout);
    if (view.launchedAtMs !== undefined && documentSha256(view.document) === wanted) return view;
  }
  return undefined;
}

/** The key that has signed the release, if it was withdrawn since; `undefined` for a release that is not there, too. */
export async function withdrawnKeyOf(client: ApiClient, release: string): Promise<ProductKey | undefined> {
  const id = parseReleaseName(release);
  try {
    const [{ keyId }, { keys }] = await Promise.all([
      showRelease(client, id),
      showProduct(client, id.product),
    ]);
    return keys.find((key) => key.keyId === keyId && key.withdrawn !== undefined);
  } catch (error) {
    // A draft may name what is pushed later: its launch says so.
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}
