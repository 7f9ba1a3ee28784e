import type * as z from 'zod';
import type { SealStore } from '#shared/audit/seal-store.ts';
import type { AuditPage } from '#shared/contracts/api/audit.ts';
import { NotFoundError } from '#shared/errors/errors.ts';
import type { HttpRequest } from '#shared/lambda/on-http.ts';
import { devicePartition } from '../../stores/device-row.ts';
import type { DeviceStore } from '../../stores/device-store.ts';

interface Needs {
  readonly devices: DeviceStore;
  readonly seals: SealStore;
}

type Request = HttpRequest<{ deviceId: string }, { limit: number; cursor?: string | undefined }, undefined>;

/** A page of the audit log of a device of the caller's tenant, in service or not; throws `NotFoundError` for any other. */
export async function listDeviceAudit(
  { caller, params, query }: Request,
  { devices, seals }: Needs,
): Promise<z.infer<typeof AuditPage>> {
  const device = await devices.find(caller.tenant, params.deviceId);
  if (device === undefined) throw new NotFoundError('deviceId', 'must be a registered device');
  const { items, ...rest } = await seals.entries(devicePartition(device.tenant, device.deviceId), query);
  return { entries: items.map(({ text }) => ({ text })), ...rest };
}
