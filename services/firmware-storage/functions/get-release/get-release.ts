import type { Caller } from '#shared/lambda/on-http.ts';
import { toReleaseView } from '../../domain/views.ts';
import type { ReleaseStore } from '../../stores/release-store.ts';

interface Request {
  readonly caller: Caller;
  readonly params: { readonly product: string; readonly version: string };
}

/** The release as it is now. */
export async function getRelease(
  { caller, params }: Request,
  { releases }: { readonly releases: ReleaseStore },
) {
  return toReleaseView(await releases.get({ tenant: caller.tenant, ...params }));
}
