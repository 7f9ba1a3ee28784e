import type { AuditVerdict } from '#shared/audit/verify-audit.ts';
import type { AuditEntry } from '../actions/audit.ts';
import { plain } from './plain.ts';
import { table } from './table.ts';
import { duration, moment } from './units.ts';

/**
 * Who decided what, oldest first. Entries that are not about `about` itself, such as those of a release of a product, say what they are about.
 */
export function auditText(entries: readonly AuditEntry[], about?: string): string {
  const columns = ['WHEN', 'WHO', 'WHAT', 'OF', 'THEN', 'WHY'].map((title) => ({ title }));
  const rows = entries.map((entry) => [
    moment(entry.atMs),
    entry.actor,
    entry.action,
    entry.about === about ? '' : (entry.about ?? ''),
    becameOf(entry),
    [entry.reason ?? '', ...excusedText(entry.excuse)].join('; '),
  ]);
  return table(columns, rows);
}

/**
 * What one person decided, and that there may be more: whoever asks after a token has leaked must not take nothing for an answer while
 * decisions of the last `unsealedSeconds` are not found yet.
 */
export function decidedByText(
  entries: readonly AuditEntry[],
  actor: string,
  unsealedSeconds: number,
): string {
  const found = entries.length === 0 ? `no sealed decision by ${plain(actor)}\n` : auditText(entries);
  const missing =
    `decisions of the last ${unsealedSeconds} s may be missing: they are found here once they are sealed. Ask again after that; ` +
    'of one rollout, device or product they show at once: evenkeel audit --help\n';
  return `${found}\n${missing}`;
}

/** What a decision made of it, in words. */
function becameOf({ action, before, after }: AuditEntry): string {
  // Only of rollouts there are decisions that leave them what they are: drafts, but for one that is about the evidence.
  if (after === undefined) return action === 'take-out-of-evidence' ? '' : 'draft';
  const { state, decommissioned, quarantined, tags, hardware, name } = after;
  if (quarantined !== undefined) return quarantined ? 'in quarantine' : 'released';
  if (state !== undefined) return state;
  if (name !== undefined) return `key ${name}`;
  if (decommissioned === undefined) return `for ${[hardware ?? []].flat().join(', ')}`;
  if (decommissioned) return 'decommissioned';
  if (before?.decommissioned !== false) return 'registered';
  return tags === undefined || tags.length === 0 ? 'no tags' : `tags ${tags.join(', ')}`;
}

function excusedText(excuse: AuditEntry['excuse']): string[] {
  if (excuse === undefined) return [];
  const { devices, reasons } = excuse;
  return [
    ...(devices.length > 0 ? [`excused devices: ${devices.join(', ')}`] : []),
    ...(reasons.length > 0 ? [`excused reasons: ${reasons.join(', ')}`] : []),
  ];
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
