import type { Identity } from '#shared/capabilities/identity.ts';
import type { Caller } from '#shared/lambda/on-http.ts';
import { decommissioned } from '../../domain/decommissioning.ts';
import { thingOfDevice } from '../../domain/device.ts';
import { toView } from '../../domain/device-view.ts';
import { type ChangeNeeds, changeDevice } from '../../steps/change-device.ts';

interface Request {
  readonly caller: Caller;
  readonly params: { readonly deviceId: string };
  readonly query: { readonly reason?: string | undefined };
}

/**
 * Takes a device out of service. The certificate is revoked before the tombstone is written: a crash in between leaves a
 * device that is shut out and not yet called decommissioned, which the same call again puts right. The other order would
 * call a device gone that can still connect.
 */
export async function decommissionDevice(
  { caller, params, query }: Request,
  { identity, ...needs }: ChangeNeeds & { readonly identity: Identity },
) {
  const { deviceId } = params;
  const removal = { deviceId, caller, action: 'decommission', reason: query.reason } as const;
  const device = await changeDevice(
    removal,
    async (live) => {
      const tombstone = decommissioned(live);
      if (tombstone) await identity.revoke(thingOfDevice(live), live.certificateId);
      return tombstone;
    },
    needs,
  );
  return toView(device);
}
