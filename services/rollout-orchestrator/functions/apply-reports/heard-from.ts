import type { DeviceMessage } from '#shared/lambda/device-message.ts';
import { runningSaid } from '../../domain/device/check-says.ts';
import type { DeviceRecord } from '../../domain/device/device.ts';
import { rolloutOfSighting } from '../../domain/device/rollout-of-sighting.ts';
import { isWorthTelling } from '../../domain/device/see-device.ts';
import { paired } from '../../steps/paired.ts';
import type { Heard } from '../../steps/plan-moves.ts';
import type { DeviceStore } from '../../stores/device-store.ts';
import { isUnreadableDevice } from '../../stores/unreadable-device.ts';
import { type DeviceFact, factsOf, isReportBody, isSighting, runningOf } from './device-fact.ts';

type Message = DeviceMessage<DeviceFact>;

/** What was heard of one device about one rollout, with the messages that said it. */
export interface HeardFrom extends Heard {
  readonly messages: readonly Message[];
  /** An install that has not begun asks to begin, and the rollout no longer runs. */
  readonly withdraw: boolean;
}

/**
 * Puts together what concerns one row: reports by their rollout, sightings by the attempt that waits for them. Devices send their
 * proofs here themselves: those of devices of which none tells anything, and of devices that nobody knows, are left out.
 */
export async function hear(all: readonly Message[], devices: DeviceStore): Promise<HeardFrom[]> {
  const sightings = all.filter(isSighting);
  const pairs = paired(sightings, await devices.readAll(sightings));
  const deviceOf = new Map(pairs.map(([{ thing }, device]) => [thing, device]));
  // By device, not by check: one that is older may tell what a later one of this batch takes back.
  const telling = new Set(
    pairs.flatMap(([{ thing, body }, device]) =>
      // What a device tells that cannot be read just now, nobody can know.
      isUnreadableDevice(device) || isWorthTelling(device, runningSaid(body)) ? [thing] : [],
    ),
  );
  const told = all.flatMap((message): Told[] => {
    const { thing, body } = message;
    const found = deviceOf.get(thing);
    const device = found !== undefined && !isUnreadableDevice(found) ? found : undefined;
    if (isReportBody(body)) return [{ message, rollout: body.rollout, device }];
    if (!telling.has(thing)) return [];
    return [{ message, rollout: rolloutOfSighting(device ?? {}, body.last), device }];
  });
  const groups = Map.groupBy(told, ({ message: { thing }, rollout = '' }) => `${rollout} ${thing}`);
  // A group has at least the message that made it.
  return [...groups.values()].map((group) => heardFrom(group as [Told, ...Told[]]));
}

/** A message, the rollout that it is about, and its device where it was seen in this batch and can be read. */
interface Told {
  readonly message: Message;
  readonly rollout: string | undefined;
  readonly device: DeviceRecord | undefined;
}

function heardFrom(group: readonly [Told, ...Told[]]): HeardFrom {
  const [{ message, rollout, device }] = group;
  const { tenant, deviceId } = message;
  const messages = group.map((one) => one.message);
  const seen = messages
    .filter(isSighting)
    .map(runningOf)
    .reduce<Heard['seen']>((last, one) => (last && last.seenAtMs > one.seenAtMs ? last : one), undefined);
  return {
    tenant,
    deviceId,
    facts: messages.flatMap(factsOf),
    messages,
    withdraw: false,
    ...(rollout !== undefined && { rollout }),
    ...(seen && { seen }),
    ...(device && { device }),
  };
}
