import type { Item } from '#shared/capabilities/table.ts';
import type { Kept } from '../simulation/faults/witness.ts';
import { RowsTable } from './rows-table.ts';

/** One kind of what a home keeps while functions are replaced. */
export interface Kind {
  /** Its file in `committed/`: `<service>/<kind>`. */
  readonly name: string;
  /** What in stores puts it where it lies, as `<service or shared> <name>`; for rows alone. */
  readonly placedBy?: readonly string[];
  /** Whether that is of this kind. */
  has(kept: Kept): boolean;
  /** What the code of today takes it for, read in the way in which the services read it. */
  read(what: Kept['what']): Promise<unknown>;
}

/** Which rows are of a kind, and how they are read. */
interface RowKind {
  readonly placedBy: readonly string[];
  readonly pk: RegExp;
  readonly sk: RegExp;
  read(row: Item, table: RowsTable): Promise<unknown>;
}

/** The kinds of a table's rows, by their names; all are read from a table that holds that row alone. */
export function rowKinds(service: string, table: string, kinds: Readonly<Record<string, RowKind>>): Kind[] {
  return Object.entries(kinds).map(([name, { placedBy, pk, sk, read }]) => ({
    name: `${service}/${name}`,
    placedBy,
    has: ({ where, what }) =>
      where === `table/${table}` && pk.test(String(what.pk)) && sk.test(String(what.sk)),
    read: (what) => {
      // Rows come from JSON, as items do.
      const row = what as Item;
      return read(row, new RowsTable([row]));
    },
  }));
}

/** The parts of a key, in texts. */
export const partsOf = (key: unknown): readonly string[] => String(key).split('#');
