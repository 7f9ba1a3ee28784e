import { ConfigurationError } from '#shared/errors/errors.ts';

/** What orders a table or one of its indexes. */
export interface RangeKeys {
  readonly partition: KeyAttribute;
  readonly sort: KeyAttribute;
}

/** A key attribute and its type. */
export interface KeyAttribute {
  readonly attribute: string;
  readonly type: 'string' | 'number';
}

/** Every table has these (see `Key`). */
export const TABLE_KEYS: RangeKeys = {
  partition: { attribute: 'pk', type: 'string' },
  sort: { attribute: 'sk', type: 'string' },
};

const INDEX = /^([A-Za-z0-9_.-]{3,255})=([A-Za-z0-9_-]+)\.([SN]),([A-Za-z0-9_-]+)\.([SN])$/;

/**
 * Reads the keys of the indexes that a function queries: DynamoDB wants their names in every query and tells them only
 * through its control plane. `silence=silent.S,deadlineMs.N`; several are parted by a space. Throws `ConfigurationError`
 * naming `variable`.
 */
export function readIndexKeys(variable: string, text: string): ReadonlyMap<string, RangeKeys> {
  return new Map(
    text.split(' ').map((index): [string, RangeKeys] => {
      const [, name, partition, partitionType, sort, sortType] = INDEX.exec(index) ?? [];
      if (name === undefined || partition === undefined || sort === undefined) {
        throw new ConfigurationError(`${variable} must be like byState=state.S,rank.N, and is ${text}`);
      }
      return [
        name,
        {
          partition: { attribute: partition, type: partitionType === 'N' ? 'number' : 'string' },
          sort: { attribute: sort, type: sortType === 'N' ? 'number' : 'string' },
        },
      ];
    }),
  );
}
