import { CreateTableCommand, DynamoDBClient, type GlobalSecondaryIndex } from '@aws-sdk/client-dynamodb';
import { describeTable } from '#shared/capabilities/conformance/table.suite.ts';
import { CONFORMANCE_TABLE, type OpenTable } from '#shared/capabilities/conformance/table-subject.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { DynamoTable } from './table.ts';
import { readIndexKeys } from './table-keys.ts';
import { ORACLE_SETTINGS, startDynoxide } from './testing/oracle-process.ts';

/** A new table, declared as `CONFORMANCE_TABLE`, in a process of its own: transaction tokens are good for all tables of an account. */
async function openTable(): Promise<OpenTable> {
  const oracle = await startDynoxide();
  const settings = { ...ORACLE_SETTINGS, endpoint: oracle.endpoint };
  const client = new DynamoDBClient(settings);
  const onceClient = new DynamoDBClient({ ...settings, maxAttempts: 1 });
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
  const indexes = readIndexKeys('TABLE_INDEXES', 'byState=state.S,rank.N byOwner=owner.S,since.S');
  return {
    table: new DynamoTable({ client, onceClient, name, indexes, world: realWorld }),
    // The oracle's indexes are never stale.
    settle: () => Promise.resolve(),
    async close() {
      client.destroy();
      onceClient.destroy();
      await oracle.stop();
    },
  };
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

describeTable('DynamoDB on the wire', openTable);
