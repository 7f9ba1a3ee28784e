import { describe, expect, test } from '@jest/globals';
import type { Resource, Template } from '../template.ts';
import { keptIn } from './kept.ts';
import { changesSince } from './kept-changes.ts';

const key = [{ AttributeName: 'pk', KeyType: 'HASH' }];
const greenhouse = {
  Plants: {
    Type: 'AWS::DynamoDB::Table',
    Properties: { TableName: 'evenkeel-test-plants', KeySchema: key, BillingMode: 'PAY_PER_REQUEST' },
  },
  Waterings: {
    Type: 'AWS::SQS::Queue',
    Properties: { QueueName: 'evenkeel-test-waterings', VisibilityTimeout: 60 },
  },
  WaterLambdaFunction: { Type: 'AWS::Lambda::Function', Properties: { Timeout: 10 } },
} satisfies Record<string, Resource>;
const outputs = {
  PlantsName: { Value: { Ref: 'Plants' }, Export: { Name: 'evenkeel-test-plants-name' } },
  Bucket: { Value: { Ref: 'Code' }, Export: { Name: 'sls-greenhouse-test-ServerlessDeploymentBucketName' } },
  Url: { Value: 'https://greenhouse' },
};
const templateOf = (resources: Record<string, Resource>, exported: object = outputs): Template => ({
  Resources: resources,
  Outputs: { ...exported },
});
const before = keptIn(templateOf(greenhouse), 'test');
const changes = (resources: Record<string, Resource>, exported: object = outputs): string[] =>
  changesSince(before, keptIn(templateOf(resources, exported), 'test')).map(
    ({ resource, message }) => `${resource} ${message}`,
  );
const { Plants, Waterings } = greenhouse;
const { PlantsName: _exported, ...withoutExport } = outputs;

describe('what an update would do to stages that are deployed', () => {
  test('is nothing to them where everything that they hold stays, in whatever stage', () => {
    const text = JSON.stringify(templateOf(greenhouse)).replaceAll('evenkeel-test', 'evenkeel-prod-2');
    expect(changesSince(before, keptIn(JSON.parse(text), 'prod-2'))).toEqual([]);
  });

  test('is nothing for what can be changed where it is', () => {
    const table = { ...Plants, Properties: { ...Plants.Properties, BillingMode: 'PROVISIONED' } };
    const queue = { ...Waterings, Properties: { ...Waterings.Properties, VisibilityTimeout: 90 } };
    expect(changes({ Plants: table, Waterings: queue })).toEqual([]);
  });

  test.each<[what: string, told: RegExp, resources: Record<string, Resource>, exported: object]>([
    [
      'a table with another name',
      /^Plants has another TableName: an update may replace it/,
      { ...greenhouse, Plants: { ...Plants, Properties: { ...Plants.Properties, TableName: 'plants' } } },
      outputs,
    ],
    [
      'a table with another key',
      /^Plants has another KeySchema: /,
      { ...greenhouse, Plants: { ...Plants, Properties: { ...Plants.Properties, KeySchema: [] } } },
      outputs,
    ],
    [
      'a table that is another thing',
      /^Plants has another KeySchema, QueueName, TableName, type: /,
      { ...greenhouse, Plants: { ...Waterings } },
      outputs,
    ],
    [
      'a queue that is gone',
      /^Waterings is gone: an update would remove or abandon it with what it holds; .*--accept-kept$/,
      { Plants },
      outputs,
    ],
    ['an export that is gone', / no longer exports evenkeel-STAGE-plants-name: /, greenhouse, withoutExport],
    [
      'an export that is another one',
      / exports another evenkeel-STAGE-plants-name: /,
      greenhouse,
      { ...outputs, PlantsName: { ...outputs.PlantsName, Value: { Ref: 'Waterings' } } },
    ],
    [
      'a queue that nobody watches over yet',
      /^Droughts is new: npm run package -- --accept-kept$/,
      { ...greenhouse, Droughts: Waterings },
      outputs,
    ],
  ])('is told: %s', (_what, told, resources, exported) => {
    expect(changes(resources, exported)).toEqual([expect.stringMatching(told)]);
  });

  test('is told of all, where a stack is not committed', () => {
    const { length } = changesSince(undefined, before);
    expect(length).toBe(3);
  });

  test('is told where a queue has another name in its logical id: it would be a second one, of a name that is taken', () => {
    expect(changes({ Plants, WaterQueue: Waterings })).toEqual([
      expect.stringMatching(/^WaterQueue is new/),
      expect.stringMatching(/^Waterings is gone/),
    ]);
  });
});
