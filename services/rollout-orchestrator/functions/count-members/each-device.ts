import type { Call } from '#shared/lambda/call.ts';
import type { DeviceFacts } from '../../domain/decision/device.ts';
import { decisionFacts } from '../../domain/device/decision-facts.ts';
import type { CountDue } from '../../steps/count-due.ts';
import { tellUnreadable } from '../../steps/tell-unreadable.ts';
import type { DeviceStore } from '../../stores/device-store.ts';
import { DEVICE_BUCKETS } from '../../stores/keys.ts';
import { isUnreadableDevice } from '../../stores/unreadable-device.ts';

const PAGE = 500;
/** What remains of the time-out when the rest is left to the next message. */
const LEAVE_MS = 10_000;

/** Where a look at all devices of a tenant has come to: the bucket that is next is `DEVICE_BUCKETS` when all have been seen. */
export type Place = Pick<CountDue, 'bucket' | 'cursor'>;

/** Who looks at devices. */
export interface Onlooker {
  /** A page was read. */
  look(devices: number, unreadable: number): void;
  /** A device that the registry has told of. */
  see(facts: DeviceFacts): void;
}

/** Looks at the devices of a tenant from that place on, as far as there is time for; answers where it has come to. */
export async function eachDevice(
  tenant: string,
  from: Place,
  onlooker: Onlooker,
  devices: DeviceStore,
  call: Call,
): Promise<Place> {
  let { bucket, cursor } = from;
  while (bucket < DEVICE_BUCKETS && call.remainingMs() > LEAVE_MS) {
    const page = await devices.page(tenant, bucket, { limit: PAGE, ...(cursor !== undefined && { cursor }) });
    // Who cannot be read is no member: a ceiling that is too low exposes nobody.
    const unreadable = page.devices.filter(isUnreadableDevice);
    tellUnreadable(unreadable, call);
    for (const device of page.devices) {
      const facts = isUnreadableDevice(device) ? undefined : decisionFacts(device);
      if (facts !== undefined) onlooker.see(facts);
    }
    onlooker.look(page.devices.length, unreadable.length);
    cursor = page.cursor;
    if (cursor === undefined) bucket += 1;
  }
  return { bucket, ...(cursor !== undefined && { cursor }) };
}
