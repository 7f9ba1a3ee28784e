import type { Clock } from '#shared/capabilities/clock.ts';
import type { Ids } from '#shared/capabilities/ids.ts';
import { operator } from '#shared/contracts/actor.ts';
import { NotFoundError } from '#shared/errors/errors.ts';
import type { Caller } from '#shared/lambda/on-http.ts';
import { retryStale } from '#shared/retry/retry-stale.ts';
import type { Device } from '../domain/device.ts';
import type { Decision } from '../stores/audit-entry.ts';
import type { DeviceStore } from '../stores/device-store.ts';

/** What it takes to change a device. */
export interface ChangeNeeds {
  readonly devices: DeviceStore;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** What an operator does to which device. */
export interface OperatorChange {
  readonly deviceId: string;
  readonly caller: Caller;
  readonly action: Decision['action'];
  readonly reason?: string | undefined;
}

/** A device has one operator and one inventory at a time: few tries, and pauses that need not grow. */
const PATIENCE = { tries: 5, firstPauseMs: 50, longestPauseMs: 50 };

/** The operator's decision as the audit log names it. */
export const decisionOf = (caller: Caller, action: Decision['action'], reason?: string): Decision => ({
  actor: operator(caller.name),
  action,
  ...(reason !== undefined && { reason }),
});

/**
 * Reads the device, lets `decide` say what it becomes (`undefined`: nothing to change) and saves that; answers the device as
 * it then is. Throws `NotFoundError` if the tenant has no such device, `ConflictError` when others kept changing it.
 */
export function changeDevice(
  { deviceId, caller, action, reason }: OperatorChange,
  decide: (device: Device) => Promise<Device | undefined> | Device | undefined,
  { devices, clock, ids }: ChangeNeeds,
): Promise<Device> {
  const attempt = async () => {
    const before = await devices.find(caller.tenant, deviceId);
    if (before === undefined) throw new NotFoundError('deviceId', 'must be a registered device');
    const after = await decide(before);
    if (after === undefined) return before;
    const decision = decisionOf(caller, action, reason);
    const saved = await devices.save({ before, after, id: ids.next(), atMs: clock.now(), decision });
    return saved === 'saved' ? after : saved;
  };
  return retryStale(attempt, PATIENCE, { clock, ids }, `device ${deviceId} kept changing`);
}
