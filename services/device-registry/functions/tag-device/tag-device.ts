import type { Caller } from '#shared/lambda/on-http.ts';
import { toView } from '../../domain/device-view.ts';
import { retagged } from '../../domain/tags.ts';
import { type ChangeNeeds, changeDevice } from '../../steps/change-device.ts';

interface Request {
  readonly caller: Caller;
  readonly params: { readonly deviceId: string };
  readonly body: { readonly tags: readonly string[]; readonly had?: readonly string[] | undefined };
}

/** Replaces the tags of a device, if it has those that it must have; the same tags again change nothing and are told to nobody. */
export async function tagDevice({ caller, params, body }: Request, needs: ChangeNeeds) {
  const retag = { deviceId: params.deviceId, caller, action: 'tag' } as const;
  return toView(await changeDevice(retag, (device) => retagged(device, body.tags, body.had), needs));
}
