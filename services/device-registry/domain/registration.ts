import { RefusedError, WrongStateError } from '#shared/errors/errors.ts';
import { changed, type Device } from './device.ts';

/** What a manufacturer says of a device when registering it. */
export interface Registration {
  readonly tenant: string;
  readonly deviceId: string;
  readonly product: string;
  readonly hardware: string;
  readonly tags: readonly string[];
}

/**
 * Throws unless `registration` may go on where `existing` is what the registry has of that id: nothing, or a device that was
 * decommissioned. That one comes back only as what it was: its thing, with the attributes that the device policy reads,
 * outlives the certificate.
 */
export function refuseRegistration(existing: Device | undefined, registration: Registration): void {
  if (existing === undefined) return;
  if (!existing.decommissioned) {
    throw new WrongStateError(
      'deviceId',
      'is already registered; decommission the device to register it anew',
    );
  }
  for (const fact of ['product', 'hardware'] as const) {
    if (existing[fact] !== registration[fact]) {
      throw new RefusedError(fact, `must be ${existing[fact]}, as it was when the device was decommissioned`);
    }
  }
}

/** The device as it is once registered with that certificate. Call `refuseRegistration` before. */
export function registered(
  existing: Device | undefined,
  registration: Registration,
  certificateId: string,
  atMs: number,
): Device {
  const fresh: Device = {
    ...registration,
    tags: registration.tags.toSorted(),
    attributes: {},
    entityVersion: 1,
    certificateId,
    registeredAtMs: atMs,
    decommissioned: false,
  };
  return existing === undefined ? fresh : changed({ ...fresh, entityVersion: existing.entityVersion }, {});
}
