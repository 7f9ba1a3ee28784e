import type * as z from 'zod';
import type { ListQuarantined } from '#shared/contracts/api/rollout-devices.ts';
import type { HttpRequest } from '#shared/lambda/on-http.ts';
import type { QuarantineStore } from '../../stores/quarantine-store.ts';

type Request = HttpRequest<unknown, { limit: number; cursor?: string | undefined }, undefined>;

/** A page of the caller's devices that are in quarantine. */
export function listQuarantined(
  { caller, query: { limit, cursor } }: Request,
  { quarantine }: { readonly quarantine: QuarantineStore },
): Promise<z.infer<typeof ListQuarantined.answer>> {
  return quarantine.list(caller.tenant, { limit, ...(cursor !== undefined && { cursor }) });
}
