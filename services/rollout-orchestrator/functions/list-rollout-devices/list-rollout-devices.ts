import type * as z from 'zod';
import type { ListRolloutDevices, RolloutDevice } from '#shared/contracts/api/rollout-devices.ts';
import { NotFoundError } from '#shared/errors/errors.ts';
import type { HttpRequest } from '#shared/lambda/on-http.ts';
import type { ListedFilter } from '../../domain/attempt/listed-end.ts';
import { cursorOf, FLEET_BEGIN, positionOf } from '../../domain/order/fleet-position.ts';
import { type ListedAttempt, type ListingNeeds, listAttempts } from '../../steps/list-attempts.ts';
import type { RolloutStore } from '../../stores/rollout-store.ts';
import { isUnreadableDevice } from '../../stores/unreadable-device.ts';

type Needs = ListingNeeds & { readonly rollouts: RolloutStore };
type Query = ListedFilter & { readonly limit: number; readonly cursor?: string | undefined };

/** A page of the devices that took part in a rollout of the caller's tenant; throws `NotFoundError` for any other. */
export async function listRolloutDevices(
  { caller, params, query }: HttpRequest<{ rollout: string }, Query, undefined>,
  needs: Needs,
): Promise<z.infer<typeof ListRolloutDevices.answer>> {
  const { rollout } = params;
  const { limit, cursor, end, reason } = query;
  const { tenant } = caller;
  const record = await needs.rollouts.identity(rollout);
  if (record?.tenant !== tenant) throw new NotFoundError('rollout', `no rollout ${rollout}`);
  const from = cursor === undefined ? FLEET_BEGIN : positionOf(cursor);
  const { found, next } = await listAttempts({ rollout, tenant, end, reason }, from, limit, needs);
  return {
    devices: found.flatMap((one) => (isUnreadableDevice(one) ? [] : [viewOf(one)])),
    unreadable: found.flatMap((one) =>
      isUnreadableDevice(one) ? [{ deviceId: one.deviceId, what: one.unreadable.message }] : [],
    ),
    ...(next !== undefined && { cursor: cursorOf(next) }),
  };
}

function viewOf({ deviceId, device, attempt }: ListedAttempt): z.infer<typeof RolloutDevice> {
  const { id, from, state, reason, transient, excused, recovered, grantedMs, endedMs } = attempt;
  return {
    deviceId,
    ...(device.facts && { hardware: device.facts.hardware }),
    from,
    attempt: id,
    state,
    ...(reason !== undefined && { reason }),
    transient: transient ?? false,
    excused: excused ?? false,
    recovered: recovered ?? false,
    grantedAtMs: grantedMs,
    ...(endedMs !== undefined && { endedAtMs: endedMs }),
  };
}
