import { auditKeyIn } from '#shared/audit/audit-entry.ts';
import type { TransactWrite } from '#shared/capabilities/table.ts';
import { thingOf } from '#shared/contracts/names.ts';
import type { DeviceRecord } from '../domain/device/device.ts';
import { quarantineAuditPartition, quarantineKey } from './keys.ts';

/** What puts a device in quarantine or releases it: `actor` is `operator(name)` or `AUTOMATIC`. */
export interface QuarantineDecision {
  /** New for each decision: the id of its audit entry, and the token of a transaction that is about it alone. */
  readonly id: string;
  readonly atMs: number;
  readonly actor: string;
  readonly reason: string;
}

/** What is written beside a device that is put in quarantine: its place in the list, and the audit entry. */
export const enterWrites = (device: DeviceRecord, decision: QuarantineDecision): TransactWrite[] => [
  { put: { ...quarantineKey(device.tenant, device.deviceId), sinceMs: decision.atMs } },
  auditEntry(device, 'quarantine', decision),
];

/** What is written beside a device that is released. */
export const releaseWrites = (device: DeviceRecord, decision: QuarantineDecision): TransactWrite[] => [
  { delete: quarantineKey(device.tenant, device.deviceId) },
  auditEntry(device, 'release-from-quarantine', decision),
];

function auditEntry(
  { tenant, deviceId, quarantined }: DeviceRecord,
  action: string,
  { id, atMs, actor, reason }: QuarantineDecision,
): TransactWrite {
  const thing = thingOf(tenant, deviceId);
  const entry = { id, atMs, actor, action, tenant, about: thing, reason };
  const states = { before: { quarantined }, after: { quarantined: !quarantined } };
  return { put: { ...auditKeyIn(quarantineAuditPartition(thing), id), ...entry, ...states } };
}
