import { describe } from '@jest/globals';
import { describeTableLimits } from './table-limits.suite.ts';
import { describeTableQueries } from './table-queries.suite.ts';
import type { OpenTable } from './table-subject.ts';
import { describeTableTransactions } from './table-transactions.suite.ts';
import { describeTableWrites } from './table-writes.suite.ts';

/**
 * What every implementation of `Table` must do, whatever its clock; `open` is called before each test and opens a table
 * declared as `CONFORMANCE_TABLE`.
 */
export function describeTable(name: string, open: () => Promise<OpenTable>): void {
  describe(`${name} as a table`, () => {
    describeTableWrites(open);
    describeTableTransactions(open);
    describeTableQueries(open);
    describeTableLimits(open);
  });
}
