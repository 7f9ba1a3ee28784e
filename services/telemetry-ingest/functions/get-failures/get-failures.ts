import type { Caller } from '#shared/lambda/on-http.ts';
import type { FailureStore } from '../../stores/failure-store.ts';

interface Request {
  readonly caller: Caller;
  readonly params: { readonly rollout: string };
}

/** The failures of a rollout, the most frequent first; none for a rollout that never failed, or is not the tenant's. */
export async function getFailures(
  { caller, params }: Request,
  { failures }: { readonly failures: FailureStore },
) {
  return { failures: await failures.counts(caller.tenant, params.rollout) };
}
