import type { Table } from '#shared/capabilities/table.ts';
import type { Approval } from '../domain/approval/approvals.ts';
import { approvalsKey, auditKey, gateKey } from './keys.ts';

/** An approval to be kept. */
export interface NewApproval extends Approval {
  readonly rollout: string;
  readonly tenant: string;
  /** The document that was approved. */
  readonly documentSha256: string;
  /** New for each: token and audit id. */
  readonly id: string;
}

const prefixOf = (documentSha256: string): string => `${documentSha256}.`;

/**
 * Who approved the documents of rollouts: one item a rollout, in which each approval is an attribute named after the document and the
 * person. It only grows, so that what was enough to launch stays so.
 */
export class ApprovalStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** Approvals of that very document, as they are committed. What cannot be read as one counts for nothing. */
  async read(rollout: string, documentSha256: string): Promise<Approval[]> {
    const [item] = await this.#table.get([approvalsKey(rollout)], { consistent: true });
    const prefix = prefixOf(documentSha256);
    return Object.entries(item ?? {}).flatMap(([attribute, atMs]) =>
      attribute.startsWith(prefix) && typeof atMs === 'number'
        ? [{ by: attribute.slice(prefix.length), atMs }]
        : [],
    );
  }

  /**
   * Keeps an approval with its audit entry, as long as the rollout is a draft and that person has not approved that document; `false`
   * where either is not so any more.
   */
  async add({ rollout, tenant, documentSha256, by, atMs, id }: NewApproval): Promise<boolean> {
    const attribute = `${prefixOf(documentSha256)}${by}`;
    const audit = { id, atMs, actor: by, action: 'approve', tenant, about: rollout, documentSha256 };
    const { outcome } = await this.#table.transact(
      [
        {
          update: approvalsKey(rollout),
          set: { [attribute]: atMs },
          when: [{ attribute, is: 'absent' }],
        },
        { check: gateKey(rollout), when: [{ attribute: 'state', is: '=', value: 'draft' }] },
        { put: { ...auditKey(rollout, id), ...audit } },
      ],
      { token: id },
    );
    return outcome === 'written';
  }
}
