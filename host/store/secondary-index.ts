import { checkIndexKey } from '#shared/capabilities/limits/item-text.ts';
import type { Item, Key, Value } from '#shared/capabilities/table.ts';
import type { Catalog } from './catalog.ts';
import { sqlName } from './catalog.ts';
import type { Database } from './database.ts';
import { SideRows } from './side-rows.ts';
import type { Cell } from './statement.ts';
import type { IndexDefinition, KeyAttribute } from './table-definition.ts';

/** One declared secondary index of one table, kept in step with it. */
export class SecondaryIndex {
  readonly definition: IndexDefinition;
  /** Quoted sqlite name of its rows: `k1` the partition, `k2` the sort key where there is one, `pk`, `sk`. */
  readonly rowsName: string;
  readonly #rows: SideRows;

  constructor(
    database: Database,
    catalog: Catalog,
    table: string,
    name: string,
    definition: IndexDefinition,
  ) {
    this.definition = definition;
    this.rowsName = sqlName('index', table, name);
    const keys =
      definition.sort === undefined ? [definition.partition] : [definition.partition, definition.sort];
    this.#rows = new SideRows(database, catalog, sqlName('table', table), {
      name: this.rowsName,
      types: keys.map((key) => (key.type === 'string' ? 'TEXT' : 'REAL')),
      attributes: keys.map((key) => key.attribute),
      cellsOf: (item) => cellsOf(keys, item),
    });
  }

  /** Throws `RefusedError` when a key attribute of this index is present but not what the index declares. */
  check(item: Item): void {
    const { partition, sort } = this.definition;
    const inPartition = item[partition.attribute];
    if (inPartition !== undefined)
      checkIndexKey(partition.attribute, inPartition, partition.type, 'partition');
    const inSort = sort && item[sort.attribute];
    if (sort !== undefined && inSort !== undefined) checkIndexKey(sort.attribute, inSort, sort.type, 'sort');
  }

  move(key: Key, before: Item | undefined, after: Item | undefined): void {
    this.#rows.move(key, before, after);
  }

  /** What a read through this index shows of an item. */
  project(item: Item): Item {
    const { partition, sort, projection = 'all' } = this.definition;
    if (projection === 'all') return item;
    const shown: Record<string, Value> = {};
    const named = projection === 'keys' ? [] : projection;
    for (const name of ['pk', 'sk', partition.attribute, ...(sort ? [sort.attribute] : []), ...named]) {
      const value = item[name];
      if (value !== undefined) shown[name] = value;
    }
    return shown;
  }
}

/** Sparse: no cells unless every key attribute is there, as the type that the index declares. */
function cellsOf(keys: readonly KeyAttribute[], item: Item): Cell[] | undefined {
  const cells: Cell[] = [];
  for (const { attribute, type } of keys) {
    const value = item[attribute];
    if (typeof value !== type || (typeof value !== 'string' && typeof value !== 'number')) return undefined;
    cells.push(value);
  }
  return cells;
}
