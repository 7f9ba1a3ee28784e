import type { Table } from '#shared/capabilities/table.ts';
import { ACTIVE_PARTITION, activeKey } from './keys.ts';

/** A rollout as the list of those that checks and the tick must look at names it. */
export interface ListedRollout {
  readonly rollout: string;
  readonly tenant: string;
  readonly product: string;
}

/** The list of rollouts that are not over. It knows no documents, so that whoever only goes through it loads nothing that reads them. */
export class ActiveListStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** Rollouts that are not over: of one product, or of everybody. */
  async active(of?: { readonly tenant: string; readonly product: string }): Promise<ListedRollout[]> {
    const found: ListedRollout[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#table.query({
        partition: ACTIVE_PARTITION,
        ...(of && { prefix: `${of.tenant}#${of.product}#` }),
        limit: 1000,
        consistent: true,
        ...(cursor !== undefined && { cursor }),
      });
      for (const item of page.items) {
        const [tenant = '', product = '', rollout = ''] = String(item.sk).split('#');
        found.push({ tenant, product, rollout });
      }
      cursor = page.cursor;
    } while (cursor !== undefined);
    return found;
  }

  /**
   * How many rollouts of a tenant are not over, counted up to `most`. Two who count at once do not see each other's launch: the
   * bound that follows from it may be passed by as many as launch at the same moment.
   */
  async countActive(tenant: string, most: number): Promise<number> {
    let count = 0;
    let cursor: string | undefined;
    do {
      const page = await this.#table.query({
        partition: ACTIVE_PARTITION,
        prefix: `${tenant}#`,
        limit: most - count,
        consistent: true,
        ...(cursor !== undefined && { cursor }),
      });
      count += page.items.length;
      cursor = page.cursor;
    } while (cursor !== undefined && count < most);
    return count;
  }

  /** A rollout is over, with nothing left to wait for: nobody needs to look at it any more. */
  async retire({ tenant, product, rollout }: ListedRollout): Promise<void> {
    await this.#table.write({ delete: activeKey(tenant, product, rollout) });
  }
}
