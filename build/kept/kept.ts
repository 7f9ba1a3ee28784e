import { at, type Template } from '../template.ts';

/**
 * Types of which a stage has one that cannot be made again as it was, because it holds data, messages, people or a name that others go by,
 * each with the properties whose change makes CloudFormation put a new and empty one in its place, or refuse the update.
 */
const KEPT: Readonly<Record<string, readonly string[]>> = {
  // Changes of a table that has another stream are not read from the old one to its end.
  'AWS::DynamoDB::Table': [
    'TableName',
    'KeySchema',
    'GlobalSecondaryIndexes',
    'LocalSecondaryIndexes',
    'StreamSpecification',
    'TimeToLiveSpecification',
  ],
  'AWS::S3::Bucket': ['BucketName'],
  'AWS::SQS::Queue': ['QueueName', 'FifoQueue'],
  'AWS::Cognito::UserPool': ['UsernameAttributes', 'AliasAttributes', 'UsernameConfiguration', 'Schema'],
  'AWS::Cognito::UserPoolClient': ['UserPoolId', 'GenerateSecret'],
  'AWS::Cognito::UserPoolDomain': ['UserPoolId', 'Domain'],
  'AWS::KMS::Key': ['KeySpec', 'KeyUsage'],
  'AWS::IoT::Policy': ['PolicyName'],
  'AWS::IoT::TopicRule': ['RuleName'],
  'AWS::Events::EventBus': ['Name'],
  'AWS::SNS::Topic': ['TopicName'],
  'AWS::ApiGatewayV2::Api': ['ProtocolType'],
  'AWS::CloudFront::Distribution': [],
  // One that begins anew begins where it is told to, and not where the one before has come to.
  'AWS::Lambda::EventSourceMapping': ['EventSourceArn', 'StartingPosition'],
};
/** What the framework exports for itself; no stack imports it. */
const OF_THE_FRAMEWORK = /^sls-/;

/** What an update of a stack must leave as it is. */
export interface Kept {
  /** By logical id: `type`, and the properties that make it another one. */
  readonly resources: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** By name: the value that other stacks import. */
  readonly exports: Readonly<Record<string, unknown>>;
}

/** What of a packaged template must be left as it is, for any stage. */
export function keptIn({ Resources, Outputs = {} }: Template, stage: string): Kept {
  const resources = Object.entries(Resources).flatMap(([id, { Type, Properties = {} }]) => {
    const identifying = KEPT[Type];
    if (identifying === undefined) return [];
    const own = Object.entries(Properties).filter(([name]) => identifying.includes(name));
    return [[id, { type: Type, ...Object.fromEntries(own.toSorted(byName)) }] as const];
  });
  const exports = Object.values(Outputs).flatMap((output) => {
    const name = at(output, 'Export', 'Name');
    return typeof name !== 'string' || OF_THE_FRAMEWORK.test(name)
      ? []
      : [[name, at(output, 'Value')] as const];
  });
  return inAnyStage(
    {
      resources: Object.fromEntries(resources.toSorted(byName)),
      exports: Object.fromEntries(exports.toSorted(byName)),
    },
    stage,
  );
}

function byName([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one.localeCompare(other);
}

/** Names are made of the stage, after `evenkeel-` or `evenkeel/`. */
function inAnyStage(kept: Kept, stage: string): Kept {
  const named = new RegExp(`(?<=evenkeel[-/])${stage}(?![A-Za-z0-9])`, 'g');
  return JSON.parse(JSON.stringify(kept).replaceAll(named, 'STAGE'));
}
