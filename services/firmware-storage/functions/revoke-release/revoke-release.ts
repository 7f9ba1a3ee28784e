import { operator } from '#shared/contracts/actor.ts';
import type { Caller } from '#shared/lambda/on-http.ts';
import type { Release } from '../../domain/release.ts';
import { revoked } from '../../domain/release-states.ts';
import { toReleaseView } from '../../domain/views.ts';
import { type ChangeNeeds, changeRelease } from '../../steps/change-release.ts';

interface Request {
  readonly caller: Caller;
  readonly params: { readonly product: string; readonly version: string };
  readonly body: { readonly reason: string };
}

/** Revokes the release. A repeat changes nothing, its reason neither: the first is the one that was told. */
export async function revokeRelease({ caller, params, body }: Request, needs: ChangeNeeds) {
  const which = { tenant: caller.tenant, ...params };
  const decide = (release: Release) => revoked(release, body.reason);
  return toReleaseView(await changeRelease(which, operator(caller.name), decide, needs));
}
