import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { CONFORMANCE_TABLE } from '#shared/capabilities/conformance/table-subject.ts';
import type { Table } from '#shared/capabilities/table.ts';
import { noUsage, usedUnits } from '#shared/metering/billed-unit.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { countConsumed } from './consumed-units.ts';
import { DynamoTable } from './table.ts';
import { makeTable } from './testing/dynamo-table.ts';
import { type Oracle, startDynoxide, stubbedSettings } from './testing/oracle-process.ts';

const KEY = { pk: 'p', sk: 's' };
const OTHER = { pk: 'p', sk: 't' };
const isAbsent = [{ attribute: 'pk', is: 'absent' }] as const;

describe('units of a table on DynamoDB (as dynoxide tells them)', () => {
  let oracle: Oracle;
  let client: DynamoDBClient;
  let table: Table;
  let counts = noUsage();
  beforeAll(async () => {
    oracle = await startDynoxide();
    await makeTable(oracle);
    client = new DynamoDBClient(stubbedSettings(oracle));
    // Twice, as a function with two tables on one client does.
    for (const _ of [1, 2]) countConsumed(client, (unit, amount) => (counts[unit] += amount));
    const { name } = CONFORMANCE_TABLE;
    table = new DynamoTable({ client, onceClient: client, name, indexes: new Map(), world: realWorld });
  });
  afterAll(async () => {
    client.destroy();
    await oracle.stop();
  });
  beforeEach(async () => {
    await table.putAll([KEY, OTHER]);
    counts = noUsage();
  });

  test.each([
    ['an item read', () => table.get([KEY], { consistent: false }), { tableReadUnits: 0.5 }],
    ['two read consistently', () => table.get([KEY, OTHER], { consistent: true }), { tableReadUnits: 2 }],
    ['a page', () => table.query({ partition: 'p', limit: 2, consistent: true }), { tableReadUnits: 1 }],
    ['a write', () => table.write({ put: { ...KEY, n: 1 } }), { tableWriteUnits: 1 }],
    ['1.5 KB', () => table.write({ put: { ...KEY, n: 'n'.repeat(1500) } }), { tableWriteUnits: 2 }],
    ['a batch', () => table.putAll([KEY, OTHER]), { tableWriteUnits: 2 }],
    ['a refused one', () => table.write({ put: KEY, when: isAbsent }), { tableWriteUnits: 1 }],
    [
      'a transaction',
      () => table.transact([{ put: KEY }, { put: OTHER }], { token: 'first' }),
      { tableWriteUnits: 4 },
    ],
    [
      'a refused transaction',
      () => table.transact([{ put: KEY, when: isAbsent }, { put: OTHER }], { token: 'second' }),
      { tableWriteUnits: 4 },
    ],
  ])('of %s', async (_, call, used) => {
    await call();
    expect(usedUnits(counts)).toEqual(used);
  });

  test('of an entry in an index', async () => {
    await table.write({ put: { ...KEY, state: 'a', rank: 1 } });
    expect(usedUnits(counts)).toEqual({ tableWriteUnits: 2 });
  });
});
