import type { Table } from '#shared/capabilities/table.ts';
import { keptHoldOut } from '../domain/holdout/hold-out.ts';
import { releaseKey } from './keys.ts';
import type { ReleaseHoldOut, ReleaseRecord } from './release-store.ts';

/** Writes the hold-outs of releases, which `ReleaseStore` reads with all else of them. */
export class HoldOutStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** Gives the release its hold-out in place of the one that is `known`; `false` where another rollout has given it one meanwhile. */
  async holdBack(
    { tenant, product, version }: Pick<ReleaseRecord, 'tenant' | 'product' | 'version'>,
    { rollout, ...holdOut }: ReleaseHoldOut,
    known: ReleaseHoldOut | undefined,
  ): Promise<boolean> {
    const { outcome } = await this.#table.write({
      update: releaseKey(tenant, product, version),
      set: { ...keptHoldOut(holdOut), heldBy: rollout },
      when: [
        known === undefined
          ? { attribute: 'heldBy', is: 'absent' }
          : { attribute: 'heldBy', is: '=', value: known.rollout },
      ],
    });
    return outcome === 'written';
  }
}
