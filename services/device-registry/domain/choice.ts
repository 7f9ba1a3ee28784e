import type { PresenceWord } from '#shared/contracts/api/devices.ts';
import type { Device } from './device.ts';
import type { PresenceView } from './presence.ts';

const DAY_MS = 86_400_000;

/** By what devices are chosen; a part that is absent chooses all. */
export interface Choice {
  /** Stands somewhere in the id, in capitals or not. */
  readonly id?: string | undefined;
  readonly product?: string | undefined;
  readonly hardware?: string | undefined;
  /** All of these tags; with commas between. */
  readonly tag?: string | undefined;
  readonly presence?: PresenceWord | undefined;
  /** In service and not connected for so many days; one that never was, registered so long ago. */
  readonly unseenDays?: number | undefined;
}

/** Whether anything is chosen at all. */
export const isChoice = (choice: Choice): boolean => Object.values(choice).some((part) => part !== undefined);

/** Whether a device may be one of those that are chosen, by all but its presence: that of most need not be read. */
export function mayFit(
  device: Device,
  { id, product, hardware, tag, presence, unseenDays }: Choice,
): boolean {
  if (id !== undefined && !device.deviceId.toLowerCase().includes(id.toLowerCase())) return false;
  if (product !== undefined && device.product !== product) return false;
  if (hardware !== undefined && device.hardware !== hardware) return false;
  if (presence !== undefined && device.decommissioned !== (presence === 'decommissioned')) return false;
  if (unseenDays !== undefined && device.decommissioned) return false;
  return tag === undefined || tag.split(',').every((one) => device.tags.includes(one));
}

/** Whether a device that may be chosen is, by its presence (`undefined`: it was never heard of) at `nowMs`. */
export function fitsPresence(
  device: Device,
  seen: PresenceView | undefined,
  { presence, unseenDays }: Choice,
  nowMs: number,
): boolean {
  if (presence !== undefined && presence !== wordFor(device, seen)) return false;
  if (unseenDays === undefined) return true;
  if (seen?.connected) return false;
  return (seen?.sinceMs ?? device.registeredAtMs) <= nowMs - unseenDays * DAY_MS;
}

function wordFor({ decommissioned }: Device, seen: PresenceView | undefined): PresenceWord {
  if (decommissioned) return 'decommissioned';
  if (seen === undefined) return 'never';
  return seen.connected ? 'connected' : 'disconnected';
}
