import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  type GlobalSecondaryIndex,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll } from '@jest/globals';
import { describeTable } from '#shared/capabilities/conformance/table.suite.ts';
import { CONFORMANCE_TABLE, type OpenTable } from '#shared/capabilities/conformance/table-subject.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { DynamoTable } from './table.ts';
import { readIndexKeys } from './table-keys.ts';
import { ORACLE_SETTINGS, type Oracle, startDynoxide } from './testing/oracle-process.ts';

let oracle: Oracle;
let client: DynamoDBClient;
let onceClient: DynamoDBClient;
let opened = 0;

beforeAll(async () => {
  oracle = await startDynoxide();
  client = new DynamoDBClient({ ...ORACLE_SETTINGS, endpoint: oracle.endpoint });
  onceClient = new DynamoDBClient({ ...ORACLE_SETTINGS, endpoint: oracle.endpoint, maxAttempts: 1 });
});
afterAll(async () => {
  client.destroy();
  onceClient.destroy();
  await oracle.stop();
});

/** A new table, declared as `CONFORMANCE_TABLE`. */
async function openTable(): Promise<OpenTable> {
  opened += 1;
  const name = `${CONFORMANCE_TABLE.name}-${opened}`;
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
      await client.send(new DeleteTableCommand({ TableName: name }));
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
