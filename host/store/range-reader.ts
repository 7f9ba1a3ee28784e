import { type CursorScope, cursorAt, positionOf } from '#shared/capabilities/limits/cursor.ts';
import { itemOf } from '#shared/capabilities/limits/item-text.ts';
import { checkBound, isInRange, type KeyRange, rangeOf } from '#shared/capabilities/limits/key-range.ts';
import type { Item, Page, Query } from '#shared/capabilities/table.ts';
import { RefusedError } from '#shared/errors/errors.ts';
import type { Database } from './database.ts';
import type { EmptyPartitions } from './empty-partitions.ts';
import type { Cell, Statement } from './statement.ts';

/** DynamoDB: a page holds at most 1 MB. */
const PAGE_LIMIT_BYTES = 1024 * 1024;

type KeyType = 'string' | 'number';

/** Where key ranges are read from: a table, or one of its indexes joined with it. */
export interface RangeSource {
  readonly table: string;
  readonly index?: string;
  /** Where who writes notes what is not empty any more. */
  readonly emptyPartitions?: EmptyPartitions;
  /** SQL after FROM. */
  readonly from: string;
  readonly partition: { readonly column: string; readonly type: KeyType };
  /** Columns that order a partition, the sort key first where there is one; together they are unique. */
  readonly position: readonly { readonly column: string; readonly type: KeyType }[];
  readonly sortType?: KeyType;
  readonly itemColumn: string;
  readonly project: (item: Item) => Item;
}

/** Reads pages of key ranges from one source. */
export class RangeReader {
  readonly #database: Database;
  readonly #source: RangeSource;
  readonly #positionTypes: readonly KeyType[];
  readonly #statements = new Map<number, Statement<readonly Cell[]>>();

  constructor(database: Database, source: RangeSource) {
    this.#database = database;
    this.#source = source;
    this.#positionTypes = source.position.map((column) => column.type);
  }

  /** A page of at most `query.limit` items and 1 MB. Throws `RefusedError` for a query that DynamoDB would not take. */
  read(query: Query): Page {
    const { limit, partition, descending = false } = query;
    if (!Number.isInteger(limit) || limit < 1)
      throw new RefusedError('limit', 'must be a whole number of at least 1');
    checkBound('partition', partition, this.#source.partition.type);
    const range = rangeOf(query, this.#source.sortType);
    const scope = { table: this.#source.table, index: this.#source.index, partition };
    const after = query.cursor === undefined ? undefined : this.#position(query.cursor, scope, range);
    const { emptyPartitions } = this.#source;
    if (emptyPartitions?.has(String(partition))) return { items: [] };
    const lower = descending || after === undefined ? range.from : undefined;
    const upper = !descending || after === undefined ? (range.to ?? range.below) : undefined;

    // A cursor lies within the range, so it replaces the bound it starts from: sqlite seeks by one bound a side.
    const parameters: Cell[] = [partition];
    if (lower !== undefined) parameters.push(lower);
    if (upper !== undefined) parameters.push(upper);
    if (after !== undefined) parameters.push(...after);
    const statement = this.#statement({
      hasLower: lower !== undefined,
      hasUpper: upper !== undefined,
      isUpperOpen: range.to === undefined,
      hasCursor: after !== undefined,
      descending,
    });
    const page = this.#page(statement.iterate(...parameters), limit, scope);
    const isWhole = parameters.length === 1;
    if (isWhole && page.items.length === 0) emptyPartitions?.note(String(partition));
    return page;
  }

  #page(rows: Iterable<readonly Cell[]>, limit: number, scope: CursorScope): Page {
    const items: Item[] = [];
    let last: readonly Cell[] = [];
    let pageBytes = 0;
    for (const row of rows) {
      // The last column is the item, and declared NOT NULL.
      const text = row[row.length - 1] as string;
      pageBytes += Buffer.byteLength(text);
      if (pageBytes > PAGE_LIMIT_BYTES && items.length > 0)
        return { items, cursor: this.#cursor(scope, last) };
      items.push(this.#source.project(itemOf(text)));
      last = row;
      // As DynamoDB does, a full page has a cursor even when nothing follows: the next page may be empty.
      if (items.length === limit) return { items, cursor: this.#cursor(scope, last) };
    }
    return { items };
  }

  #cursor(scope: CursorScope, row: readonly Cell[]): string {
    // Position columns are declared NOT NULL.
    return cursorAt(scope, row.slice(0, -1) as (string | number)[]);
  }

  #position(cursor: string, scope: CursorScope, range: KeyRange): readonly (string | number)[] {
    const position = positionOf(cursor, scope, this.#positionTypes);
    const [sort] = position;
    if (this.#source.sortType !== undefined && sort !== undefined && !isInRange(range, sort)) {
      throw new RefusedError('cursor', 'lies outside of the range asked for');
    }
    return position;
  }

  #statement(shape: RangeShape): Statement<readonly Cell[]> {
    const code =
      Number(shape.hasLower) |
      (Number(shape.hasUpper) << 1) |
      (Number(shape.isUpperOpen) << 2) |
      (Number(shape.hasCursor) << 3) |
      (Number(shape.descending) << 4);
    let statement = this.#statements.get(code);
    if (statement === undefined) {
      statement = this.#database.prepare(sqlOf(this.#source, shape));
      this.#statements.set(code, statement);
    }
    return statement;
  }
}

/** What decides the SQL of a range. */
interface RangeShape {
  readonly hasLower: boolean;
  readonly hasUpper: boolean;
  readonly isUpperOpen: boolean;
  readonly hasCursor: boolean;
  readonly descending: boolean;
}

function sqlOf(source: RangeSource, shape: RangeShape): string {
  const columns = source.position.map(({ column }) => column);
  const terms = [`${source.partition.column} = ?`];
  if (shape.hasLower) terms.push(`${columns[0]} >= ?`);
  if (shape.hasUpper) terms.push(`${columns[0]} ${shape.isUpperOpen ? '<' : '<='} ?`);
  if (shape.hasCursor) {
    const places = columns.map(() => '?').join(', ');
    terms.push(`(${columns.join(', ')}) ${shape.descending ? '<' : '>'} (${places})`);
  }
  const order = columns.map((column) => (shape.descending ? `${column} DESC` : column)).join(', ');
  return `SELECT ${columns.join(', ')}, ${source.itemColumn} FROM ${source.from}
    WHERE ${terms.join(' AND ')} ORDER BY ${order}`;
}
