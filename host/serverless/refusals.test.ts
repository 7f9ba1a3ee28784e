import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { placeOfHome } from './place.ts';
import { readService } from './read-service.ts';
import type { ServiceDefinition } from './service-definition.ts';
import { UnsupportedResourceError } from './unsupported-resource-error.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A service of that `serverless.yml` (and other files), read. */
function read(serverless: string, files: Record<string, string> = {}): ServiceDefinition {
  const folder = mkdtempSync(path.join(tmpdir(), 'service-'));
  folders.push(folder);
  for (const [name, text] of Object.entries({ 'serverless.yml': serverless, ...files })) {
    writeFileSync(path.join(folder, name), text);
  }
  return readService({ folder, place: placeOfHome('test') });
}

function refusalOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was refused');
}

const withResource = (type: string, properties: string): string =>
  `{ service: s, resources: { Resources: { Thing: { Type: '${type}', Properties: ${properties} } } } }`;
const withFunction = (settings: string): string =>
  `{ service: s, functions: { doIt: { handler: functions/do-it/handler.handler, ${settings} } } }`;

describe('variables', () => {
  test.each([
    [`\${opt:stge}`, 'has no value'],
    [`\${self:custom.nothing}`, 'has no value'],
    [`\${opt:stage, 'dev'}`, 'has a fallback'],
    [`\${env:HOME}`, 'unknown source'],
    [`\${iot:Connection.Thing.ThingName}`, 'unknown source'],
    [`\${file(code.js)}`, 'is no YAML or JSON file'],
    [`\${file(there.yml):nothing}`, 'has no value'],
    [`\${param:region}`, 'has no value'],
    [`before \${file(there.yml)}`, 'must be a text or number here'],
    [`\${self:custom.\${opt:stage}}`, 'has a variable inside'],
  ])('%s is refused by name: it %s', (variable, rule) => {
    const text = JSON.stringify({ service: 's', custom: { value: variable } });
    const error = refusalOf(() => read(text, { 'there.yml': 'a: 1' }));
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(String(error)).toContain(rule);
    expect(String(error)).toContain(/\$\{[^},]*/.exec(variable)?.[0]);
  });

  test('that refer to each other in a circle are refused', () => {
    const circle = `{ service: s, custom: { a: '\${self:custom.b}', b: '\${self:custom.a}' } }`;
    expect(() => read(circle)).toThrow('in a circle');
    expect(() => read(`service: \${file(serverless.yml)}`)).toThrow('in a circle');
  });

  test('a date that YAML made of an unquoted version is refused', () => {
    expect(() => read('{ service: s, custom: { Version: 2012-10-17 } }')).toThrow(
      '2012-10-17 must stand in quotes',
    );
  });
});

test.each([
  ['{}', 'custom.alarms must be a list'],
  ['[text]', 'custom.alarms[0] must have metric, minutes and description'],
  ['[{ metric: M, minutes: 1 }]', 'custom.alarms[0] must have metric, minutes and description'],
])('alarms that are %s are refused: %s', (alarms, rule) => {
  expect(() => read(`{ service: s, custom: { alarms: ${alarms} } }`)).toThrow(rule);
});

describe('resources that the host does not run', () => {
  test.each([
    ['AWS::Kinesis::Stream', '{}', 'Type'],
    ['AWS::SQS::Queue', '{}', 'QueueName'],
    ['AWS::SQS::Queue', '{ QueueName: q, FifoQueue: true }', 'FifoQueue'],
    ['AWS::SQS::Queue', '{ QueueName: q, VisibilityTimeout: 50000 }', 'VisibilityTimeout'],
    [
      'AWS::SQS::Queue',
      '{ QueueName: q, RedrivePolicy: { maxReceiveCount: 3 } }',
      'RedrivePolicy.deadLetterTargetArn',
    ],
    ['AWS::SQS::Queue', '{ QueueName: !GetAtt Thing.QueueName }', 'QueueName'],
    ['AWS::SQS::Queue', `{ QueueName: 'q-\${Stage}' }`, 'QueueName'],
    ['AWS::S3::Bucket', '{ BucketName: b, NotificationConfiguration: {} }', 'NotificationConfiguration'],
    [
      'AWS::S3::Bucket',
      '{ BucketName: b, LifecycleConfiguration: { Rules: [{ ExpirationInDays: 0 }] } }',
      'LifecycleConfiguration.Rules.0.ExpirationInDays',
    ],
    [
      'AWS::S3::Bucket',
      '{ BucketName: b, LifecycleConfiguration: { Rules: [{ ExpirationDate: "2027-01-01" }] } }',
      'LifecycleConfiguration.Rules.0.ExpirationDate',
    ],
    ['AWS::S3::Bucket', '{ BucketName: !ImportValue x }', 'BucketName'],
    ['AWS::S3::Bucket', `{ BucketName: !Sub '\${Other.Arn}' }`, 'BucketName'],
    ['AWS::S3::Bucket', '{ BucketName: !GetAZs x }', 'BucketName'],
    ['AWS::DynamoDB::Table', '{ TableName: t, LocalSecondaryIndexes: [], KeySchema: [] }', 'KeySchema'],
    [
      'AWS::DynamoDB::Table',
      '{ TableName: t, AttributeDefinitions: [{ AttributeName: id, AttributeType: S }], KeySchema: [{ AttributeName: id, KeyType: HASH }] }',
      'KeySchema',
    ],
    [
      'AWS::IoT::TopicRule',
      '{ RuleName: r, TopicRulePayload: { Actions: [{ Kinesis: {} }] } }',
      'TopicRulePayload.Actions.0',
    ],
    [
      'AWS::DynamoDB::Table',
      '{ TableName: t, AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }, { AttributeName: sk, AttributeType: S }, { AttributeName: spare, AttributeType: S }], KeySchema: [{ AttributeName: pk, KeyType: HASH }, { AttributeName: sk, KeyType: RANGE }] }',
      'AttributeDefinitions',
    ],
    ['AWS::IoT::TopicRule', '{ RuleName: r, TopicRulePayload: { Actions: [] } }', 'TopicRulePayload.Actions'],
    [
      'AWS::IoT::TopicRule',
      `{ RuleName: r, TopicRulePayload: { Actions: [{ Lambda: { FunctionArn: 'arn:aws:lambda:local:000000000000:function:other' } }] } }`,
      'TopicRulePayload.Actions.0.Lambda.FunctionArn',
    ],
    [
      'AWS::IoT::TopicRule',
      `{ RuleName: r, TopicRulePayload: { Sql: '', AwsIotSqlVersion: '2015-10-08', Actions: [{ Sqs: { QueueUrl: 'https://sqs.local.amazonaws.com/000000000000/q' } }] } }`,
      'TopicRulePayload.AwsIotSqlVersion',
    ],
  ])('%s %s is refused at its property', (type, properties, property) => {
    const error = refusalOf(() => read(withResource(type, properties)));
    expect(error).toBeInstanceOf(UnsupportedResourceError);
    expect(error).toMatchObject({ service: 's', resource: 'Thing', property });
  });

  test('the same logical id in two fragments is refused', () => {
    const fragment = '{ Resources: { Q: { Type: AWS::SQS::Queue, Properties: { QueueName: q } } } }';
    expect(() => read(`{ service: s, resources: [${fragment}, ${fragment}] }`)).toThrow(
      's: Q is there twice',
    );
  });

  test('a parameter that somebody would have to set is refused', () => {
    expect(() => read('{ service: s, resources: { Parameters: { Issuer: { Type: String } } } }')).toThrow(
      UnsupportedResourceError,
    );
  });

  test('extensions of generated resources are refused', () => {
    expect(() => read('{ service: s, resources: { extensions: {} } }')).toThrow(
      'extensions is not supported',
    );
  });

  test('alarms, rights and logs are passed over with all that they say', () => {
    const { queues, tables } = read(
      withResource('AWS::CloudWatch::Alarm', '{ AlarmName: !GetAtt Not.There }'),
    );
    expect([...queues, ...tables]).toEqual([]);
  });
});

describe('settings of functions that the host does not have', () => {
  test.each([
    ['url: true', 'url'],
    ['timeout: 901', 'timeout'],
    ['events: [{ iot: { sql: x } }]', 'events.0'],
    ['events: [{ schedule: { rate: [cron(0 12 * * ? *)] } }]', 'events.0.schedule.rate'],
    ['events: [{ schedule: { rate: [rate(1 minutes)] } }]', 'events.0.schedule.rate'],
    ['events: [{ schedule: { rate: [rate(30 seconds)] } }]', 'events.0.schedule.rate'],
    ['events: [{ schedule: { rate: [rate(1 minute)], enabled: false } }]', 'events.0.schedule.enabled'],
    [`events: [{ sqs: { arn: 'arn:aws:sns:local:000000000000:q' } }]`, 'events.0.sqs.arn'],
    [
      `events: [{ sqs: { arn: 'arn:aws:sqs:local:000000000000:q', batchSize: 20 } }]`,
      'events.0.sqs.maximumBatchingWindow',
    ],
    [
      `events: [{ sqs: { arn: 'arn:aws:sqs:local:000000000000:q', maximumConcurrency: 1 } }]`,
      'events.0.sqs.maximumConcurrency',
    ],
    [`events: [{ s3: { bucket: b, event: 's3:ObjectRemoved:*' } }]`, 'events.0.s3.event'],
    ['events: [{ eventBridge: { eventBus: b } }]', 'events.0.eventBridge.pattern'],
    [
      'events: [{ eventBridge: { eventBus: b, pattern: {}, inputPath: x } }]',
      'events.0.eventBridge.inputPath',
    ],
    [
      `iamRoleStatements: [{ Effect: Allow, Action: a, Resource: '*', Condition: {} }]`,
      'iamRoleStatements.0.Condition',
    ],
    ['iamRoleStatements: [{ Effect: Allow, Action: a }]', 'iamRoleStatements.0.Resource'],
    [`iamRoleStatements: [{ Action: a, Resource: '*' }]`, 'iamRoleStatements.0.Effect'],
    ['environment: { TABLE: !Ref Nothing }', 'environment.TABLE'],
    ['environment: { TABLE: [a] }', 'environment.TABLE'],
  ])('%s is refused by name', (settings, property) => {
    const error = refusalOf(() => read(withFunction(settings)));
    expect(error).toBeInstanceOf(UnsupportedResourceError);
    expect(error).toMatchObject({ service: 's', resource: 'doIt', property });
  });

  test('a folder that is not the kebab-case of the key is refused', () => {
    const service = '{ service: s, functions: { doIt: { handler: functions/do-that/handler.handler } } }';
    expect(() => read(service)).toThrow('s: doIt: handler is functions/do-that/handler.handler');
  });

  test('a function without statements keeps those of the provider, one with its own does not', () => {
    const provider = `{ iam: { role: { statements: [{ Effect: Allow, Action: a, Resource: '*' }] } } }`;
    const statementsWith = (own: string) => {
      const settings = `handler: functions/do-it/handler.handler${own}`;
      const { functions } = read(
        `{ service: s, provider: ${provider}, functions: { doIt: { ${settings} } } }`,
      );
      return functions[0]?.statements.map(({ actions }) => actions);
    };
    expect(statementsWith('')).toEqual([['a']]);
    expect(statementsWith(`, iamRoleStatements: [{ Effect: Allow, Action: b, Resource: '*' }]`)).toEqual([
      ['b'],
    ]);
  });

  test('a section of the service that is not known is refused', () => {
    expect(() => read('{ service: s, stepFunctions: {} }')).toThrow('stepFunctions is not supported');
  });
});
