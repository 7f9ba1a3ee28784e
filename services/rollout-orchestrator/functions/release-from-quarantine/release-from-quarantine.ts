import type * as z from 'zod';
import { operator } from '#shared/contracts/actor.ts';
import type { ReleaseFromQuarantine } from '#shared/contracts/api/rollout-devices.ts';
import { WrongStateError } from '#shared/errors/errors.ts';
import type { HttpRequest } from '#shared/lambda/on-http.ts';
import { endQuarantine, type ReleasingNeeds } from '../../steps/end-quarantine.ts';

type Request = HttpRequest<{ deviceId: string }, unknown, { reason: string }>;

/**
 * Releases it, with the reason. Two that still use its identity put it back as soon as they have spoken in turns again. Throws
 * `WrongStateError` where it is in no quarantine.
 */
export async function releaseFromQuarantine(
  { caller, params: { deviceId }, body: { reason } }: Request,
  needs: ReleasingNeeds,
): Promise<z.infer<typeof ReleaseFromQuarantine.answer>> {
  const release = { tenant: caller.tenant, deviceId, actor: operator(caller.name), reason };
  const releasedAtMs = await endQuarantine(release, needs);
  if (releasedAtMs === undefined) throw new WrongStateError('deviceId', 'is not in quarantine');
  return { deviceId, releasedAtMs };
}
