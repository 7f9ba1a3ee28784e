import { auditKeyIn } from '#shared/audit/audit-entry.ts';
import type { TransactWrite } from '#shared/capabilities/table.ts';
import { thingOf } from '#shared/contracts/names.ts';
import type { DeviceRecord } from '../domain/device/device.ts';
import { auditKey, quarantineAuditPartition, quarantineKey, takenOutKey } from './keys.ts';

/** What puts a device in quarantine or releases it: `actor` is `operator(name)` or `AUTOMATIC`. */
export interface QuarantineDecision {
  /** New for each decision: the id of its audit entry, and the token of a transaction that is about it alone. */
  readonly id: string;
  readonly atMs: number;
  readonly actor: string;
  readonly reason: string;
  /** The attempt that leaves the evidence with it. */
  readonly takesOut?: {
    readonly rollout: string;
    /** The id of the audit entry of the rollout. */
    readonly id: string;
    /** How many of the rollout have left it so before. */
    readonly before: number;
  };
}

/** What is written beside a device that is put in quarantine: its place in the list, and the audit entry. */
export const enterWrites = (device: DeviceRecord, decision: QuarantineDecision): TransactWrite[] => [
  { put: { ...quarantineKey(device.tenant, device.deviceId), sinceMs: decision.atMs } },
  auditEntry(device, 'quarantine', decision),
  ...takeOutWrites(device, decision),
];

/** Counts an attempt that leaves the evidence, if no other has meanwhile, and says so in the log of its rollout. */
function takeOutWrites(
  { tenant, deviceId }: DeviceRecord,
  { atMs, actor, takesOut }: QuarantineDecision,
): TransactWrite[] {
  if (takesOut === undefined) return [];
  const { rollout, id, before } = takesOut;
  const reason = `device ${deviceId} is in quarantine: what it says is no evidence`;
  const entry = { id, atMs, actor, action: 'take-out-of-evidence', tenant, about: rollout, reason };
  return [
    {
      update: takenOutKey(rollout),
      set: { attempts: before + 1 },
      when: [
        before === 0
          ? { attribute: 'attempts', is: 'absent' }
          : { attribute: 'attempts', is: '=', value: before },
      ],
    },
    { put: { ...auditKey(rollout, id), ...entry } },
  ];
}

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
