import type { DeviceView } from '#shared/contracts/api/devices.ts';
import { facts, table } from './table.ts';
import { ago, moment } from './units.ts';

/** A device, as the registry knows it; what an answer to a change says of it, which never tells its presence, with `isChange`. */
export function deviceText(device: DeviceView, nowMs: number, isChange = false): string {
  return facts([
    ['device', device.deviceId],
    ['thing', device.thing],
    ['product', device.product],
    ['hardware', device.hardware],
    ['tags', device.tags.join(', ') || undefined],
    ...Object.entries(device.attributes).map(([name, value]) => [`  ${name}`, String(value)] as const),
    ['presence', isChange ? undefined : presenceText(device, nowMs)],
    ['registered', moment(device.registeredAtMs)],
    ['certificate', device.certificateId],
    ['decommissioned', device.decommissioned ? 'yes' : undefined],
  ]);
}

/** Devices, one a line. */
export function devicesText(devices: readonly DeviceView[], nowMs: number): string {
  return table(
    [
      { title: 'DEVICE' },
      { title: 'PRODUCT' },
      { title: 'HARDWARE' },
      { title: 'PRESENCE' },
      { title: 'TAGS' },
    ],
    devices.map((device) => [
      device.deviceId,
      device.product,
      device.hardware,
      device.decommissioned ? 'decommissioned' : presenceText(device, nowMs),
      device.tags.join(' '),
    ]),
  );
}

/** Devices in quarantine, one a line. */
export function quarantinedText(
  devices: readonly { readonly deviceId: string; readonly sinceMs: number }[],
  nowMs: number,
): string {
  if (devices.length === 0) return 'no device is in quarantine\n';
  return table(
    [{ title: 'DEVICE' }, { title: 'IN QUARANTINE' }],
    devices.map(({ deviceId, sinceMs }) => [deviceId, `since ${moment(sinceMs)}, ${ago(sinceMs, nowMs)}`]),
  );
}

function presenceText({ presence }: DeviceView, nowMs: number): string {
  if (presence === undefined) return 'never connected';
  return `${presence.connected ? 'connected' : 'disconnected'} ${ago(presence.sinceMs, nowMs)}`;
}
