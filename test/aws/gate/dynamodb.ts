import { PLACE } from '../stacks/place.ts';
import type { AwsRequest, AwsService, NeededRight } from './aws-request.ts';
import { forward } from './forward.ts';
import { jsonError, jsonOf, targetOf } from './json-service.ts';

/** The parts of requests that say what they touch. */
interface Touching {
  readonly TableName?: string;
  readonly IndexName?: string;
  readonly RequestItems?: Readonly<Record<string, unknown>>;
  readonly TransactItems?: readonly Readonly<Record<string, { readonly TableName: string }>>[];
}

/** What each item of a transaction needs (DynamoDB developer guide, "Using IAM with DynamoDB transactions"). */
const ACTION_OF_ITEM: Readonly<Record<string, string>> = {
  Put: 'dynamodb:PutItem',
  Update: 'dynamodb:UpdateItem',
  Delete: 'dynamodb:DeleteItem',
  ConditionCheck: 'dynamodb:ConditionCheckItem',
  Get: 'dynamodb:GetItem',
};

const tableArn = (name: string): string =>
  `arn:${PLACE.partition}:dynamodb:${PLACE.region}:${PLACE.accountId}:table/${name}`;

/** DynamoDB: an oracle on the wire, behind the rights of every item and index that a request touches. */
export function dynamoDb(endpoint: string): AwsService {
  return {
    operationOf: (request) => `dynamodb:${targetOf(request)}`,
    rightsOf,
    answer: (request) => forward(endpoint, request),
    error: jsonError,
  };
}

function rightsOf(request: AwsRequest): NeededRight[] {
  const action = `dynamodb:${targetOf(request)}`;
  const { TableName, IndexName, RequestItems, TransactItems } = jsonOf<Touching>(request);
  if (TransactItems !== undefined) {
    return TransactItems.flatMap((item) =>
      Object.entries(item).map(([kind, { TableName: table }]) => ({
        action: ACTION_OF_ITEM[kind] ?? `dynamodb:${kind}`,
        arn: tableArn(table),
      })),
    );
  }
  if (RequestItems !== undefined)
    return Object.keys(RequestItems).map((table) => ({ action, arn: tableArn(table) }));
  const table = tableArn(TableName ?? '');
  return [{ action, arn: IndexName === undefined ? table : `${table}/index/${IndexName}` }];
}
