import { describe, expect, test } from '@jest/globals';
import { fixtureTemplates } from '../testing/packaged-fixture.ts';
import { DeployError } from './deploy-error.ts';
import { importablesIn, importTemplate, isKept } from './importable.ts';
import type { StackTemplate } from './stack-template.ts';

const place = { accountId: '123456789012', partition: 'aws', region: 'eu-central-1', parameters: {} };
const { platform, service } = fixtureTemplates;

describe('what may be there before its stack', () => {
  test('has the name that account and Region make of it', () => {
    expect(importablesIn(service, place, {}).map(({ physicalId }) => physicalId)).toEqual([
      'evenkeel-test-plans',
      'evenkeel-test-plans-123456789012-eu-central-1',
      '/aws/lambda/greenhouse-test-openWindow',
    ]);
  });

  test('is known by what was written down where AWS invents its name, and not at all otherwise', () => {
    const poolsIn = (recorded: Record<string, string>) =>
      importablesIn(platform, place, recorded).filter(({ type }) => type === 'AWS::Cognito::UserPool');
    expect(poolsIn({ UserPool: 'eu-central-1_a' })).toEqual([
      { logicalId: 'UserPool', type: 'AWS::Cognito::UserPool', physicalId: 'eu-central-1_a' },
    ]);
    expect(poolsIn({})).toEqual([]);
  });

  test('is not what the parameters rule out', () => {
    const parameters = { Issuer: 'https://id.example.com' };
    expect(importablesIn(platform, { ...place, parameters }, { UserPool: 'eu-central-1_a' })).toMatchObject([
      { logicalId: 'DevicePolicy' },
    ]);
  });

  test('is of a type that can be brought back: another kept one is refused by name', () => {
    const template: StackTemplate = {
      Resources: { Store: { Type: 'AWS::EFS::FileSystem', DeletionPolicy: 'Retain' } },
    };
    expect(() => importablesIn(template, place, {})).toThrow(DeployError);
    expect(() => importablesIn(template, place, {})).toThrow(/Store .*AWS::EFS::FileSystem/);
  });

  test('is data only where it is kept: versions of functions go with their functions', () => {
    const kept = Object.entries(service.Resources).filter(([, resource]) => isKept(resource));
    expect(kept.map(([id]) => id)).toEqual(['Table', 'Bucket']);
  });
});

describe('the template of an import', () => {
  const found = importablesIn(service, place, {});

  test('of a new stack has the found resources alone, each with a deletion policy', () => {
    const { Resources, Outputs } = importTemplate(service, undefined, found);
    expect(Object.keys(Resources)).toEqual(['Table', 'Bucket', 'Log']);
    expect(Object.values(Resources).map(({ DeletionPolicy }) => DeletionPolicy)).toEqual([
      'Retain',
      'Retain',
      'Delete',
    ]);
    expect(Outputs).toBeUndefined();
  });

  test('leaves to the update what refers to resources that are not there yet', () => {
    expect(importTemplate(service, undefined, found).Resources.Table?.Properties).toEqual({
      TableName: 'evenkeel-test-plans',
      KeySchema: [],
    });
  });

  test('of a stack that is there changes nothing that it has', () => {
    const current: StackTemplate = {
      Resources: { Queue: { Type: 'AWS::SQS::Queue' } },
      Outputs: { Name: { Value: 'x' } },
    };
    const template = importTemplate(service, current, found.slice(0, 1));
    expect(template.Resources.Queue).toEqual({ Type: 'AWS::SQS::Queue' });
    expect(Object.keys(template.Resources)).toEqual(['Queue', 'Table']);
    expect(template.Outputs).toEqual(current.Outputs);
  });
});
