import { describeChangeStream } from '#shared/capabilities/conformance/change-stream.suite.ts';
import { describeTable } from '#shared/capabilities/conformance/table.suite.ts';
import { CONFORMANCE_TABLE } from '#shared/capabilities/conformance/table-subject.ts';
import { describeTransactionTokens } from '#shared/capabilities/conformance/table-transactions.suite.ts';
import { openStore } from '../testing/open-store.ts';

async function open() {
  const opened = openStore();
  const table = opened.store.table(CONFORMANCE_TABLE);
  return {
    table,
    settle: async () => undefined,
    elapse: (durationMs: number) => opened.world.advance(durationMs),
    changes: async () =>
      (table.changes?.read(0, 1000) ?? []).map(({ sequence: _, atMs: __, ...change }) => change),
    close: opened.close,
  };
}

describeTable('EmbeddedTable', open);
describeTransactionTokens('EmbeddedTable', open);
describeChangeStream('EmbeddedTable', open);
