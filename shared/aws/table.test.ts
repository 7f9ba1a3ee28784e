import { describeTable } from '#shared/capabilities/conformance/table.suite.ts';
import { openDynamoTable } from './testing/dynamo-table.ts';

describeTable('DynamoDB on the wire', openDynamoTable);
