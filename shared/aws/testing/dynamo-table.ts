import { CreateTableCommand, DynamoDBClient, type GlobalSecondaryIndex } from '@aws-sdk/client-dynamodb';
import { CONFORMANCE_TABLE, type OpenTable } from '#shared/capabilities/conformance/table-subject.ts';
import { realWorld } from '#shared/world/real-world.ts';
import type { World } from '#shared/world/world.ts';
import { CLIENT_SETTINGS, ONCE_SETTINGS } from '../client-settings.ts';
import { DynamoTable } from '../table.ts';
import { readIndexKeys } from '../table-keys.ts';
import { type Oracle, patient, startDynoxide, stubbedSettings } from './oracle-process.ts';

/** A new table, declared as `CONFORMANCE_TABLE`, in a process of its own: transaction tokens are good for all tables of an account. */
export async function openDynamoTable(): Promise<OpenTable> {
  const oracle = await startDynoxide();
  await makeTable(oracle);
  const opened = tableAt(oracle);
  return {
    table: opened.table,
    // The oracle's indexes are never stale.
    settle: () => Promise.resolve(),
    async close() {
      opened.close();
      await oracle.stop();
    },
  };
}

/** The table as the product opens it, at an oracle or at a wire before one. */
export function tableAt(at: { readonly endpoint: string }, as = patient, world: World = realWorld) {
  const client = new DynamoDBClient(stubbedSettings(at, as(CLIENT_SETTINGS)));
  const onceClient = new DynamoDBClient(stubbedSettings(at, as(ONCE_SETTINGS)));
  const indexes = readIndexKeys('TABLE_INDEXES', 'byState=state.S,rank.N byOwner=owner.S,since.S');
  return {
    table: new DynamoTable({ client, onceClient, name: CONFORMANCE_TABLE.name, indexes, world }),
    close() {
      client.destroy();
      onceClient.destroy();
    },
  };
}

/** Makes the table. */
export async function makeTable(oracle: Oracle): Promise<void> {
  const client = new DynamoDBClient(stubbedSettings(oracle));
  const { name } = CONFORMANCE_TABLE;
  const { byState, byOwner } = CONFORMANCE_TABLE.indexes;
  const keys = [byState.partition, byState.sort, byOwner.partition, byOwner.sort];
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: schema('pk', 'sk'),
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
        ...keys.map(({ attribute, type }) => ({
          AttributeName: attribute,
          AttributeType: type === 'number' ? ('N' as const) : ('S' as const),
        })),
      ],
      GlobalSecondaryIndexes: [
        index('byState', byState.partition.attribute, byState.sort.attribute, 'ALL'),
        index('byOwner', byOwner.partition.attribute, byOwner.sort.attribute, 'KEYS_ONLY'),
      ],
    }),
  );
  client.destroy();
}

function schema(partition: string, sort: string) {
  return [
    { AttributeName: partition, KeyType: 'HASH' as const },
    { AttributeName: sort, KeyType: 'RANGE' as const },
  ];
}

function index(
  name: string,
  partition: string,
  sort: string,
  projection: 'ALL' | 'KEYS_ONLY',
): GlobalSecondaryIndex {
  return { IndexName: name, KeySchema: schema(partition, sort), Projection: { ProjectionType: projection } };
}
