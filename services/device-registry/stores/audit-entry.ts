import { auditKeyIn } from '#shared/audit/audit-entry.ts';
import type { PutWrite } from '#shared/capabilities/table.ts';
import { type Device, thingOfDevice } from '../domain/device.ts';

/** Who decided what. */
export interface Decision {
  /** `operator:<name>`. */
  readonly actor: string;
  readonly action: 'register' | 'tag' | 'decommission';
  /** Why, where whoever decided it has said so. */
  readonly reason?: string;
}

/** A decision about one device with what it changed. */
export interface DecidedChange {
  readonly id: string;
  readonly atMs: number;
  readonly decision: Decision;
  readonly before: Device | undefined;
  readonly after: Device;
}

/**
 * The audit entry that goes into the same transaction as the change: it is sealed later. It names the
 * thing and has no `deviceId`, so that it stays out of the index of devices.
 */
export function auditEntry(pk: string, { id, atMs, decision, before, after }: DecidedChange): PutWrite {
  return {
    put: {
      ...auditKeyIn(pk, id),
      id,
      tenant: after.tenant,
      about: thingOfDevice(after),
      atMs,
      ...decision,
      before: before === undefined ? null : { ...before },
      after: { ...after },
    },
    when: [{ attribute: 'pk', is: 'absent' }],
  };
}
