import type { Caller } from '#shared/lambda/on-http.ts';
import { published } from '../../domain/release-states.ts';
import { toReleaseView } from '../../domain/views.ts';
import { type ChangeNeeds, changeRelease, operator } from '../../stores/change-release.ts';

interface Request {
  readonly caller: Caller;
  readonly params: { readonly product: string; readonly version: string };
}

/** Publishes the release; a repeat changes nothing. */
export async function publishRelease({ caller, params }: Request, needs: ChangeNeeds) {
  const which = { tenant: caller.tenant, ...params };
  return toReleaseView(await changeRelease(which, operator(caller), published, needs));
}
