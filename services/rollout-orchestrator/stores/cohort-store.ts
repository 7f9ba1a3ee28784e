import type { Table } from '#shared/capabilities/table.ts';
import { MAX_COHORTS, OTHER_COHORT } from '../domain/counting/cohorts.ts';
import { text } from '../domain/row/attributes.ts';
import { cohortsKey } from './keys.ts';

/** What a cohort is: devices with the same hardware and from-version; those of a tag stage are told apart. */
export interface CohortName {
  readonly hardware: string;
  readonly from: string;
  /** The tag of the stage in which the permits were granted, which is tested apart. */
  readonly tag?: string;
}

/** A cohort with its number. */
export interface Cohort extends CohortName {
  readonly number: number;
}

const NAME = /^cohort\.(\d{1,3})$/;
const textOf = ({ hardware, from, tag }: CohortName): string =>
  [hardware, encodeURIComponent(from), tag].join(' ').trim();

/**
 * Numbers of cohorts, in order of first permit: one item a rollout, which only grows. A cohort beyond the first 200 is
 * `other`.
 */
export class CohortStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** All cohorts of a rollout, without `other`. Throws `UnreadableRowError`. */
  async list(rollout: string): Promise<Cohort[]> {
    const [item] = await this.#table.get([cohortsKey(rollout)], { consistent: true });
    return Object.entries(item ?? {})
      .flatMap(([attribute, value]) => {
        const number = NAME.exec(attribute)?.[1];
        if (number === undefined) return [];
        const [hardware = '', from = '', tag] = text(`cohorts.${attribute}`, value).split(' ');
        const cohort = { number: Number(number), hardware, from: decodeURIComponent(from) };
        return [tag === undefined ? cohort : { ...cohort, tag }];
      })
      .sort((a, b) => a.number - b.number);
  }

  /** The number of a cohort, given out now if it has none and a new one is allowed; `undefined` where it is not. */
  async numberOf(
    rollout: string,
    wanted: CohortName,
    { isNewAllowed }: { readonly isNewAllowed: boolean },
  ): Promise<number | undefined> {
    const name = textOf(wanted);
    for (;;) {
      const cohorts = await this.list(rollout);
      const known = cohorts.find((cohort) => textOf(cohort) === name);
      if (known !== undefined) return known.number;
      const number = cohorts.length + 1;
      if (!isNewAllowed) return undefined;
      if (number > MAX_COHORTS) return OTHER_COHORT;
      await this.#table.write({
        update: cohortsKey(rollout),
        set: { [`cohort.${number}`]: name },
        when: [{ attribute: `cohort.${number}`, is: 'absent' }],
      });
    }
  }
}
