import { sqlName } from './catalog.ts';
import type { EmptyPartitions } from './empty-partitions.ts';
import type { RangeSource } from './range-reader.ts';
import type { SecondaryIndex } from './secondary-index.ts';

/** Key ranges of a table itself. */
export function tableSource(table: string, emptyPartitions: EmptyPartitions): RangeSource {
  return {
    table,
    emptyPartitions,
    from: sqlName('table', table),
    partition: { column: 'pk', type: 'string' },
    position: [{ column: 'sk', type: 'string' }],
    sortType: 'string',
    itemColumn: 'item',
    project: (item) => item,
  };
}

/** Key ranges of one of its indexes. */
export function indexSource(table: string, name: string, index: SecondaryIndex): RangeSource {
  const { partition, sort } = index.definition;
  const sortColumns = sort === undefined ? [] : [{ column: 'i.k2', type: sort.type }];
  return {
    table,
    index: name,
    // CROSS JOIN keeps sqlite from beginning with the table.
    from: `${index.rowsName} i CROSS JOIN ${sqlName('table', table)} t ON t.pk = i.pk AND t.sk = i.sk`,
    partition: { column: 'i.k1', type: partition.type },
    position: [...sortColumns, { column: 'i.pk', type: 'string' }, { column: 'i.sk', type: 'string' }],
    ...(sort !== undefined && { sortType: sort.type }),
    itemColumn: 't.item',
    project: (item) => index.project(item),
  };
}
