import { describe, expect, test } from '@jest/globals';
import type { Table } from '#shared/capabilities/table.ts';
import { UnknownOutcomeError } from '#shared/errors/errors.ts';
import { meteredTable } from './metered-table.ts';

const nothing = () => undefined;
const METER = { begin: nothing, bill: nothing, called: nothing, concerns: nothing, end: nothing };
const LOST = new UnknownOutcomeError('the store failed and takes no more calls');

/** A store that fails in its first write, and cannot be looked at from then on. */
function failingTable(): Table {
  let isLost = false;
  const fails = async () => {
    isLost = true;
    throw LOST;
  };
  const table = { get: fails, query: fails, putAll: fails, write: fails, transact: fails };
  const now = () => {
    if (isLost) throw new Error('database is not open');
    return undefined;
  };
  return meteredTable(table, METER, { name: 'things', indexes: [], now });
}

describe('a write in which the store fails is told as that, and not as what the meter could not see', () => {
  const put = { pk: 'p', sk: 'a' };

  test.each([
    ['one', (table: Table) => table.write({ put })],
    ['several together', (table: Table) => table.putAll([put])],
    ['a transaction', (table: Table) => table.transact([{ put }], { token: 'once' })],
  ])('%s', async (_, write) => {
    await expect(write(failingTable())).rejects.toBe(LOST);
  });
});
