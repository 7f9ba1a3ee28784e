import type { Table } from '#shared/capabilities/table.ts';

/**
 * The table as it was at most moments ago: every read costs half. For what is decided again on committed rows before anybody
 * is exposed; whatever writes must not read through it.
 */
export function eventually(table: Table): Table {
  return {
    get: (keys) => table.get(keys, { consistent: false }),
    query: (query) => table.query({ ...query, consistent: false }),
    putAll: (items) => table.putAll(items),
    write: (write) => table.write(write),
    transact: (writes, options) => table.transact(writes, options),
  };
}
