import { thingOf } from '#shared/contracts/names.ts';
import { NotFoundError } from '#shared/errors/errors.ts';
import type { Caller } from '#shared/lambda/on-http.ts';
import { toView } from '../../domain/device-view.ts';
import type { DeviceStore } from '../../stores/device-store.ts';
import type { PresenceStore } from '../../stores/presence-store.ts';

interface Request {
  readonly caller: Caller;
  readonly params: { readonly deviceId: string };
}

interface GetNeeds {
  readonly devices: DeviceStore;
  readonly presences: PresenceStore;
}

/** One device of the caller's tenant; throws `NotFoundError` if it has none of that id. */
export async function getDevice({ caller, params }: Request, { devices, presences }: GetNeeds) {
  const [device, [kept]] = await Promise.all([
    devices.find(caller.tenant, params.deviceId),
    presences.find([thingOf(caller.tenant, params.deviceId)], { consistent: false }),
  ]);
  if (device === undefined) throw new NotFoundError('deviceId', 'must be a registered device');
  return toView(device, kept?.presence);
}
