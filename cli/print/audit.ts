import type { AuditVerdict } from '#shared/audit/verify-audit.ts';
import type { AuditEntry } from '../actions/audit.ts';
import { plain } from './plain.ts';
import { table } from './table.ts';
import { duration, moment } from './units.ts';

/** Who decided what, oldest first. */
export function auditText(entries: readonly AuditEntry[]): string {
  const columns = ['WHEN', 'WHO', 'WHAT', 'THEN', 'WHY'].map((title) => ({ title }));
  const rows = entries.map(({ atMs, actor, action, after, reason }) => [
    moment(atMs),
    actor,
    action,
    after?.state ?? 'draft',
    reason ?? '',
  ]);
  return table(columns, rows);
}

/** What came of holding the log against its seals. */
export function verdictText(verdict: AuditVerdict, nowMs: number): string {
  const { seals, sealedAtMs, sealed, waiting, faults } = verdict;
  if (faults.length > 0)
    return `NOT as it was sealed:\n${faults.map((fault) => `- ${plain(fault)}\n`).join('')}`;
  const last =
    sealedAtMs === undefined ? '' : `, the last made ${duration(Math.max(0, nowMs - sealedAtMs))} ago`;
  const unsealed = waiting === 0 ? '' : `; ${waiting} not yet sealed, which takes up to a minute`;
  return `verified: ${sealed} of ${sealed + waiting} entries in a chain of ${seals} seals${last}${unsealed}\n`;
}
