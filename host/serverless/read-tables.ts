import type { IndexDefinition, KeyAttribute } from '#host/store/table-definition.ts';
import type { Properties } from './properties.ts';
import type { TableResource } from './resource-definitions.ts';

/** What the store has no need of: it is not billed, always encrypted by its disk, and backed up as a file. */
const WITHOUT_MEANING = [
  ...['BillingMode', 'ContributorInsightsSpecification', 'DeletionProtectionEnabled', 'OnDemandThroughput'],
  ...['PointInTimeRecoverySpecification', 'ProvisionedThroughput', 'SSESpecification', 'TableClass', 'Tags'],
];

/**
 * Reads an AWS::DynamoDB::Table. Its key must be `pk` and `sk`, both of type S, and its stream of new and old images; local
 * secondary indexes are refused.
 */
export function readTable(properties: Properties, name: string): TableResource {
  const { owner: logicalId, stack } = properties;
  properties.ignore('TableName', ...WITHOUT_MEANING);
  const types = attributeTypes(properties);
  const { partition, sort } = readKey(properties, types);
  if (
    partition.attribute !== 'pk' ||
    sort?.attribute !== 'sk' ||
    partition.type !== 'string' ||
    sort.type !== 'string'
  ) {
    properties.refusing('KeySchema')('must be pk (HASH) and sk (RANGE), both of type S');
  }
  const indexes = properties.sections('GlobalSecondaryIndexes').map((index) => readIndex(index, types));
  const expiry = properties.section('TimeToLiveSpecification');
  const expiresBy = expiry?.flag('Enabled') === true ? expiry.text('AttributeName') : undefined;
  expiry?.ignore('AttributeName');
  const isStreamed = properties
    .section('StreamSpecification')
    ?.choice('StreamViewType', ['NEW_AND_OLD_IMAGES']);
  const unused = [...types].find(([, attribute]) => !attribute.isUsed);
  if (unused !== undefined)
    properties.refusing('AttributeDefinitions')(`has ${unused[0]}, which is in no key`);
  properties.end();
  return {
    logicalId,
    name,
    arn: stack.attribute(logicalId, 'Arn') ?? '',
    ...(indexes.length > 0 && { indexes: Object.fromEntries(indexes) }),
    ...(expiresBy !== undefined && { expiresBy }),
    ...(isStreamed !== undefined && {
      stream: true,
      streamArn: stack.attribute(logicalId, 'StreamArn') ?? '',
    }),
  };
}

type AttributeTypes = Map<string, { readonly type: KeyAttribute['type']; isUsed: boolean }>;

function attributeTypes(properties: Properties): AttributeTypes {
  return new Map(
    properties.sections('AttributeDefinitions').map((definition) => {
      const type = definition.choice('AttributeType', ['S', 'N']) === 'S' ? 'string' : 'number';
      return [definition.text('AttributeName'), { type, isUsed: false }];
    }),
  );
}

function readKey(
  properties: Properties,
  types: AttributeTypes,
): { partition: KeyAttribute; sort?: KeyAttribute } {
  const attributes = new Map(
    properties.sections('KeySchema').map((part) => {
      const attribute = part.text('AttributeName');
      const defined = types.get(attribute) ?? part.refusing('AttributeName')('is in no AttributeDefinitions');
      defined.isUsed = true;
      return [part.choice('KeyType', ['HASH', 'RANGE']), { attribute, type: defined.type }] as const;
    }),
  );
  const partition =
    attributes.get('HASH') ?? properties.refusing('KeySchema')('has no attribute of type HASH');
  const sort = attributes.get('RANGE');
  return { partition, ...(sort !== undefined && { sort }) };
}

function readIndex(properties: Properties, types: AttributeTypes): [name: string, index: IndexDefinition] {
  properties.ignore('ContributorInsightsSpecification', 'OnDemandThroughput', 'ProvisionedThroughput');
  const name = properties.text('IndexName');
  const key = readKey(properties, types);
  const projection = properties.section('Projection');
  const type = projection?.choice('ProjectionType', ['ALL', 'KEYS_ONLY', 'INCLUDE']) ?? 'ALL';
  const attributes = projection?.texts('NonKeyAttributes') ?? [];
  return [name, { ...key, projection: type === 'ALL' ? 'all' : type === 'KEYS_ONLY' ? 'keys' : attributes }];
}
