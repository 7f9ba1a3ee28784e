import type { Inventory } from '#shared/contracts/device/report.ts';
import type { DeviceMessage } from '#shared/lambda/device-message.ts';
import type { BatchOutcome } from '#shared/lambda/on-device-batch.ts';
import { judgeInventory, refuseAttributes } from '../../domain/inventory.ts';
import type { ChangeNeeds } from '../../steps/change-device.ts';

type Message = DeviceMessage<Inventory>;
type Outcome = BatchOutcome<Inventory>;

/** Keeps the newest inventory of each device in the batch, where it says something new, and now and then the time of one that does not. */
export async function recordInventory(messages: readonly Message[], needs: ChangeNeeds): Promise<Outcome> {
  const refused: { message: Message; error: NonNullable<ReturnType<typeof refuseAttributes>> }[] = [];
  const retry: Message[] = [];
  const newest = new Map<string, Message>();
  for (const message of messages) {
    const error = refuseAttributes(message.body.attributes);
    if (error) refused.push({ message, error });
    else if ((newest.get(message.thing)?.atMs ?? 0) <= message.atMs) newest.set(message.thing, message);
  }
  const known = await needs.devices.findAll([...newest.keys()]);
  await Promise.all(
    [...newest.values()].map(async (message, at) => {
      const before = known[at];
      const { certificateId, atMs, body } = message;
      const verdict = judgeInventory(before, { attributes: body.attributes, certificateId, atMs });
      if (verdict.outcome === 'refused') refused.push({ message, error: verdict.error });
      if (!('device' in verdict) || before === undefined) return;
      const after = verdict.device;
      const saved =
        verdict.outcome === 'changed'
          ? await needs.devices.save({ before, after, id: needs.ids.next(), atMs: needs.clock.now() })
          : await needs.devices.note(before, after);
      if (saved === 'stale') retry.push(message);
    }),
  );
  return { refused, retry };
}
