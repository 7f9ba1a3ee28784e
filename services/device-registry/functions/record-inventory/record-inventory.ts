import type { Inventory } from '#shared/contracts/device/report.ts';
import type { DeviceMessage } from '#shared/lambda/device-message.ts';
import type { BatchOutcome } from '#shared/lambda/on-device-batch.ts';
import type { Device } from '../../domain/device.ts';
import {
  type InventoryVerdict,
  isTakenLater,
  judgeInventory,
  refuseAttributes,
} from '../../domain/inventory.ts';
import type { ChangeNeeds } from '../../steps/change-device.ts';

type Message = DeviceMessage<Inventory>;
type Outcome = BatchOutcome<Inventory>;
type Refusals = NonNullable<Outcome['refused']>[number][];

/** Keeps the newest inventory of each device in the batch, where it says something new, and now and then the time of one that does not. */
export async function recordInventory(messages: readonly Message[], needs: ChangeNeeds): Promise<Outcome> {
  const refused: Refusals = [];
  const retry: Message[] = [];
  const sound = messages.filter((message) => {
    const error = refuseAttributes(message.body.attributes);
    if (error) refused.push({ message, error });
    return error === undefined;
  });
  const byThing = [...Map.groupBy(sound, ({ thing }) => thing)];
  const known = await needs.devices.findAll(byThing.map(([thing]) => thing));
  const nowMs = needs.clock.now();
  await Promise.all(
    byThing.map(async ([, own], at) => {
      const before = known[at];
      const newest = newestTaken(own, before, refused, nowMs);
      if (before === undefined || newest === undefined || !('device' in newest.verdict)) return;
      const { outcome, device: after } = newest.verdict;
      const saved =
        outcome === 'changed'
          ? await needs.devices.save({ before, after, id: needs.ids.next(), atMs: nowMs })
          : await needs.devices.note(before, after);
      if (saved === 'stale') retry.push(newest.message);
    }),
  );
  return { refused, retry };
}

/** The newest of a device's inventories that is none of a stranger's, who else would silence the device by being later. */
function newestTaken(own: readonly Message[], device: Device | undefined, refused: Refusals, nowMs: number) {
  let newest: { readonly message: Message; readonly verdict: InventoryVerdict } | undefined;
  for (const message of own) {
    const { certificateId, atMs, body } = message;
    const verdict = judgeInventory(device, { attributes: body.attributes, certificateId, atMs }, nowMs);
    if (verdict.outcome === 'refused') refused.push({ message, error: verdict.error });
    else if (newest === undefined || isTakenLater(atMs, newest.message.atMs, nowMs))
      newest = { message, verdict };
  }
  return newest;
}
