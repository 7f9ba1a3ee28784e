import { changed, type Device } from './device.ts';

/** The tombstone of the device; `undefined` when it is one already. Its facts stay, so that an audit can still read them. */
export function decommissioned(device: Device): Device | undefined {
  return device.decommissioned ? undefined : changed(device, { decommissioned: true });
}
