import type { Item, Key } from '#shared/capabilities/table.ts';
import { canonicalText } from './seal.ts';

const PREFIX = 'audit#';

/** An entry of an audit log as it is sealed and told: `text` is what its digest is of. */
export interface AuditEntry {
  /** Where it lies: beside what it is about. */
  readonly key: Key;
  readonly id: string;
  /** What was decided about: see `About`. */
  readonly about: string;
  readonly tenant: string;
  readonly text: string;
}

/** The range of a partition in which its audit entries lie, oldest first. */
export const auditRange = (partition: string) => ({ partition, prefix: PREFIX });

/** The key of an audit entry in the partition of what it is about. */
export const auditKeyIn = (partition: string, id: string): Key => ({ pk: partition, sk: `${PREFIX}${id}` });

/** Whether that is the key of an audit entry; filters of change streams say the same. */
export const isAuditKey = ({ sk }: Key): boolean => sk.startsWith(PREFIX);

/** The entry of an item; where it lies and under which seal is no part of its text. */
export function readAuditEntry(item: Item): AuditEntry {
  const { pk, sk, seal: _seal, ...entry } = item;
  return {
    key: { pk: String(pk), sk: String(sk) },
    id: String(entry.id),
    about: String(entry.about),
    tenant: String(entry.tenant),
    text: canonicalText(entry),
  };
}
