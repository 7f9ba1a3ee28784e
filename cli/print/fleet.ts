import type { FleetDevice } from '#shared/contracts/api/fleet.ts';
import type { FleetDevices, FleetVersions } from '../actions/fleet.ts';
import { paragraphs, table } from './table.ts';
import { ago } from './units.ts';

const NEVER = 'never checked in';

/** Devices with what they run, one a line, and those that cannot be read below. */
export function fleetText({ devices, unreadable }: FleetDevices, nowMs: number): string {
  if (devices.length === 0) return paragraphs(['no such device\n', unreadableText(unreadable)]);
  const columns = ['DEVICE', 'PRODUCT', 'HARDWARE', 'RUNS', 'LAST NEWS', 'TROUBLE', 'TAGS'];
  const rows = devices.map((device) => [
    device.deviceId,
    device.product,
    device.hardware,
    runsText(device),
    device.running ? ago(device.running.seenAtMs, nowMs) : '',
    troubleText(device),
    device.tags.join(' '),
  ]);
  return paragraphs([
    table(
      columns.map((title) => ({ title })),
      rows,
    ),
    unreadableText(unreadable),
  ]);
}

/** How many devices run what, one version a line, and those that cannot be read below. */
export function versionsText({ versions, unreadable }: FleetVersions): string {
  if (versions.length === 0) return paragraphs(['no such device\n', unreadableText(unreadable)]);
  const titles = ['PRODUCT', 'HARDWARE', 'RUNS'].map((title) => ({ title }));
  const rows = versions.map(({ product, hardware, version = NEVER, devices }) => [
    product,
    hardware,
    version,
    devices.toLocaleString('en'),
  ]);
  return paragraphs([
    table([...titles, { title: 'DEVICES', align: 'right' }], rows),
    unreadableText(unreadable),
  ]);
}

const runsText = ({ running }: FleetDevice): string => running?.version ?? NEVER;

/** `mismatch, 3 times`; that two use its identity comes first. */
function troubleText({ trouble, quarantined }: FleetDevice): string {
  const told = trouble && `${trouble.what}, ${trouble.times === 1 ? 'once' : `${trouble.times} times`}`;
  return [...(quarantined ? ['in quarantine'] : []), ...(told === undefined ? [] : [told])].join('; ');
}

function unreadableText(unreadable: FleetDevices['unreadable']): string {
  if (unreadable.length === 0) return '';
  const rows = unreadable.map(({ deviceId, what }) => [deviceId, what]);
  return table([{ title: 'UNREADABLE' }, { title: 'WHAT' }], rows);
}
