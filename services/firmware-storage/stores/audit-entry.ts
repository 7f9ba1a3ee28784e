import { auditKeyIn } from '#shared/audit/audit-entry.ts';
import type { PutWrite, Value } from '#shared/capabilities/table.ts';
import { type ProductId, productPartition } from './keys.ts';

/** A decision with what it changed, and whose it was. */
export interface AuditedDecision {
  readonly id: string;
  readonly atMs: number;
  /** `operator:<name>`, or `evenkeel` for what was decided without a person. */
  readonly actor: string;
  readonly action: string;
  readonly reason?: string;
  readonly before: Value;
  readonly after: Value;
}

/** What was decided about: a product with its keys, or one of its releases. */
type Subject = ProductId & { readonly version?: string };

/** The audit entry that goes into the same transaction as the change; it is sealed later. */
export function auditEntry({ tenant, product, version }: Subject, decision: AuditedDecision): PutWrite {
  const about = version === undefined ? product : `${product}/${version}`;
  return {
    put: { ...auditKeyIn(productPartition({ tenant, product }), decision.id), tenant, about, ...decision },
    when: [{ attribute: 'pk', is: 'absent' }],
  };
}
