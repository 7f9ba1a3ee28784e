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

/** The actor of what nobody asked for. */
export const AUTOMATIC = 'evenkeel';

/** The audit entry that goes into the same transaction as the change: unchained, a sealer links entries later. */
export function auditEntry({ tenant, product }: ProductId, { id, ...decision }: AuditedDecision): PutWrite {
  return {
    put: { pk: productPartition({ tenant, product }), sk: `audit#${id}`, tenant, product, ...decision },
    when: [{ attribute: 'pk', is: 'absent' }],
  };
}
