import type { TestHost } from '#host/testing/test-host.ts';
import { keyOf } from '#shared/capabilities/key-of.ts';
import type { Key } from '#shared/capabilities/table.ts';

/** How writes of some items fail; `writes` counts those that did. */
export interface FailingWrites {
  readonly failed: { count: number };
  mend(): void;
}

/**
 * Lets plain writes of items, and transactions that hold one of them, throw what `fault` answers of its key, until that answers
 * nothing or they are mended.
 */
export function failWrites(host: TestHost, fault: (key: Key) => Error | undefined): FailingWrites {
  const table = host.table('rollouts');
  const { write, transact } = table;
  const failed = { count: 0 };
  const faultIn = (keys: readonly Key[]): Error | undefined => {
    const found = keys.map(fault).find((one) => one !== undefined);
    if (found !== undefined) failed.count += 1;
    return found;
  };
  table.write = async (asked) => {
    const found = faultIn([keyOf(asked)]);
    if (found !== undefined) throw found;
    return write.call(table, asked);
  };
  table.transact = async (asked, options) => {
    const found = faultIn(asked.map(keyOf));
    if (found !== undefined) throw found;
    return transact.call(table, asked, options);
  };
  return { failed, mend: () => Object.assign(table, { write, transact }) };
}
