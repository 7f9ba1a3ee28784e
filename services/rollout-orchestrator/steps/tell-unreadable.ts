import { thingOf } from '#shared/contracts/names.ts';
import type { Call } from '#shared/lambda/call.ts';
import type { UnreadableDevice } from '../stores/unreadable-device.ts';

/** Makes devices seen that cannot be served because a row cannot be read: a line of the log for each, with what is wrong, and a metric. */
export function tellUnreadable(
  devices: readonly UnreadableDevice[],
  call: Pick<Call, 'log' | 'count'>,
): void {
  for (const { tenant, deviceId, unreadable } of devices) {
    const device = thingOf(tenant, deviceId);
    call.log.error('a device cannot be served: a row cannot be read', {
      device,
      error: unreadable,
    });
  }
  if (devices.length > 0) call.count('DeviceUnreadable', devices.length);
}
