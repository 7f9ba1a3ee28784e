import type { Clock } from '#shared/capabilities/clock.ts';
import type { Ids } from '#shared/capabilities/ids.ts';
import { ConflictError, NotFoundError } from '#shared/errors/errors.ts';
import { tryAgain } from '#shared/retry/try-again.ts';
import type { DeviceStore } from '../stores/device-store.ts';
import type { QuarantineStore } from '../stores/quarantine-store.ts';
import { requireReadable } from './require-readable.ts';

/** Everything that releasing a device from quarantine needs. */
export interface ReleasingNeeds {
  readonly devices: DeviceStore;
  readonly quarantine: QuarantineStore;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** Who releases which device, and why. */
interface Release {
  readonly tenant: string;
  readonly deviceId: string;
  readonly actor: string;
  readonly reason: string;
  /** Only from a quarantine of before that time, in milliseconds since 1970. */
  readonly beforeMs?: number;
}

/**
 * Releases a device from quarantine, with an audit entry: its next check is answered like any other's. Answers when, or `undefined`
 * where it is in none. Throws `NotFoundError` for a device that is not known, `ConflictError` when others keep changing it.
 */
export function endQuarantine(release: Release, needs: ReleasingNeeds): Promise<number | undefined> {
  const { tenant, deviceId, actor, reason, beforeMs = Number.POSITIVE_INFINITY } = release;
  const { devices, quarantine, clock, ids } = needs;
  const tryOnce = async () => {
    const [device] = requireReadable(await devices.readAll([{ tenant, deviceId }]));
    if (device?.facts === undefined) throw new NotFoundError('deviceId', `no device ${deviceId}`);
    if (!device.quarantined || (device.quarantinedMs ?? 0) >= beforeMs) return undefined;
    const decision = { id: ids.next(), atMs: clock.now(), actor, reason };
    const isDone = await tryAgain(needs, () => quarantine.release(device, decision));
    if (!isDone) throw new ConflictError(`device ${deviceId} was changed by somebody else`);
    return decision.atMs;
  };
  return tryAgain(needs, tryOnce);
}
