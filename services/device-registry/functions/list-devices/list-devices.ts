import type { Caller } from '#shared/lambda/on-http.ts';
import { thingOfDevice } from '../../domain/device.ts';
import { toView } from '../../domain/device-view.ts';
import { cursorAfter, firstIdAfter } from '../../domain/list-cursor.ts';
import type { DeviceStore } from '../../stores/device-store.ts';
import type { PresenceStore } from '../../stores/presence-store.ts';

interface Request {
  readonly caller: Caller;
  readonly query: { readonly limit: number; readonly cursor?: string | undefined };
}

interface ListNeeds {
  readonly devices: DeviceStore;
  readonly presences: PresenceStore;
}

/** A page of the tenant's devices in order of id, those out of service included. */
export async function listDevices({ caller, query }: Request, { devices, presences }: ListNeeds) {
  const { limit, cursor } = query;
  const page = await devices.list(caller.tenant, {
    limit,
    ...(cursor !== undefined && { fromId: firstIdAfter(cursor) }),
  });
  const things = page.devices.map(thingOfDevice);
  const kept = await presences.find(things, { consistent: false });
  return {
    devices: page.devices.map((device, at) => toView(device, kept[at]?.presence)),
    ...(page.lastId !== undefined && { cursor: cursorAfter(page.lastId) }),
  };
}
