import type { Clock } from '#shared/capabilities/clock.ts';
import type { DeviceView } from '#shared/contracts/api/devices.ts';
import type { Caller } from '#shared/lambda/on-http.ts';
import { type Choice, fitsPresence, isChoice, mayFit } from '../../domain/choice.ts';
import { type Device, thingOfDevice } from '../../domain/device.ts';
import { toView } from '../../domain/device-view.ts';
import { cursorAfter, firstIdAfter, nextIdAfter } from '../../domain/list-cursor.ts';
import { viewOf } from '../../domain/presence.ts';
import type { DeviceStore } from '../../stores/device-store.ts';
import type { PresenceStore } from '../../stores/presence-store.ts';

interface Request {
  readonly caller: Caller;
  readonly query: { readonly limit: number; readonly cursor?: string | undefined } & Choice;
}

interface ListNeeds {
  readonly devices: DeviceStore;
  readonly presences: PresenceStore;
  readonly clock: Clock;
}

/** So many devices are read at once. */
const PAGE = 100;
/** And so many are looked at in one call, whatever is chosen of them: a second at most, and the next page goes on. */
const MOST_LOOKED = 1_000;

interface Answer {
  readonly devices: DeviceView[];
  readonly looked?: number;
  readonly cursor?: string;
}

/** A page of the tenant's devices in order of id, those out of service included: of all, or of those that are chosen. */
export async function listDevices({ caller, query }: Request, needs: ListNeeds): Promise<Answer> {
  const { limit, cursor, ...choice } = query;
  const isChosen = isChoice(choice);
  const found: DeviceView[] = [];
  let fromId = cursor === undefined ? undefined : firstIdAfter(cursor);
  for (let looked = 0; ; ) {
    const page = await needs.devices.list(caller.tenant, {
      limit: isChosen ? PAGE : limit,
      ...(fromId !== undefined && { fromId }),
    });
    const fitting = await chosenOf(page.devices, choice, needs);
    const room = limit - found.length;
    found.push(...fitting.slice(0, room));
    looked += page.devices.length;
    const isFull = fitting.length > room || (fitting.length === room && page.lastId !== undefined);
    // What is left of a page is looked at again by the call that goes on.
    const lastId = isFull ? found.at(-1)?.deviceId : page.lastId;
    if (lastId === undefined || isFull || looked >= MOST_LOOKED)
      return {
        devices: found,
        ...(isChosen && { looked }),
        ...(lastId !== undefined && { cursor: cursorAfter(lastId) }),
      };
    fromId = nextIdAfter(lastId);
  }
}

async function chosenOf(
  devices: readonly Device[],
  choice: Choice,
  { presences, clock }: ListNeeds,
): Promise<DeviceView[]> {
  const likely = devices.filter((device) => mayFit(device, choice));
  const kept = await presences.find(likely.map(thingOfDevice), { consistent: false });
  const nowMs = clock.now();
  return likely.flatMap((device, at) => {
    const presence = kept[at]?.presence;
    const fits = fitsPresence(device, presence && viewOf(presence), choice, nowMs);
    return fits ? [toView(device, presence)] : [];
  });
}
