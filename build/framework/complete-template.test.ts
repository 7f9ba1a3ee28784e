import { describe, expect, test } from '@jest/globals';
import type { Resources } from '../template.ts';
import { completed } from './complete-template.ts';

const ARN = { 'Fn::GetAtt': ['AskLambdaFunction', 'Arn'] };
const LIVE_ARN = { 'Fn::Join': [':', [ARN, 'live']] };
const role = { Type: 'AWS::IAM::Role', Properties: { RoleName: 'a-name', Policies: [] } };

/** A service of one function behind an IoT rule, as the framework hands it over. */
const resources: Resources = {
  AskLambdaFunction: {
    Type: 'AWS::Lambda::Function',
    Properties: { FunctionName: 's-dev-ask', Role: { 'Fn::GetAtt': ['AskIamRoleLambdaExecution', 'Arn'] } },
  },
  AskLambdaVersionX: {
    Type: 'AWS::Lambda::Version',
    Properties: { FunctionName: { Ref: 'AskLambdaFunction' } },
  },
  AskIamRoleLambdaExecution: role,
  IamRoleLambdaExecution: role,
  AskRule: {
    Type: 'AWS::IoT::TopicRule',
    Properties: { TopicRulePayload: { Sql: 'x', Actions: [{ Lambda: { FunctionArn: ARN } }] } },
  },
  AskRulePermission: { Type: 'AWS::Lambda::Permission', Properties: { FunctionName: ARN } },
};
const mapping = (source: unknown) => ({
  Type: 'AWS::Lambda::EventSourceMapping',
  Properties: { EventSourceArn: source, FunctionName: LIVE_ARN },
  DependsOn: ['IamRoleLambdaExecution', 'AskLiveAlias'],
});
const queue = (name: string) => ({
  Type: 'AWS::SQS::Queue',
  Properties: { QueueName: `evenkeel-dev-${name}`, VisibilityTimeout: 181 },
});

const complete = (more: Resources = {}, options: { allAtOnce?: boolean; keys?: string[] } = {}) =>
  completed({
    service: 's',
    keys: options.keys ?? ['ask'],
    place: { stage: 'dev', topic: 'the-topic' },
    allAtOnce: options.allAtOnce ?? false,
    counters: [{ metric: 'Broken', minutes: 2, description: 'Mend it.' }],
    resources: { ...resources, ...more },
  });
const alarmsOf = (done: Resources) =>
  Object.keys(done).filter((id) => done[id]?.Type === 'AWS::CloudWatch::Alarm');

describe('a completed template', () => {
  test('has an alias that a canary moves, and its alarm on errors brings back', () => {
    const done = complete();
    expect(done.AskLiveAlias).toMatchObject({
      Properties: { Name: 'live', FunctionVersion: { 'Fn::GetAtt': ['AskLambdaVersionX', 'Version'] } },
      UpdatePolicy: { CodeDeployLambdaAliasUpdate: { DeploymentGroupName: { Ref: 'AskCanaryGroup' } } },
    });
    expect(done.AskCanaryGroup?.Properties).toMatchObject({
      DeploymentConfigName: 'CodeDeployDefault.LambdaCanary10Percent5Minutes',
      AlarmConfiguration: { Enabled: true, Alarms: [{ Name: { Ref: 'AskErrorsAlarm' } }] },
    });
  });

  test('moves the alias at once, past alarms that are on, where the canary is off', () => {
    expect(complete({}, { allAtOnce: true }).AskCanaryGroup?.Properties).toMatchObject({
      DeploymentConfigName: 'CodeDeployDefault.LambdaAllAtOnce',
      AlarmConfiguration: { Enabled: false },
    });
  });

  test('has rules and their permissions name the alias, where their files name the function', () => {
    const { AskRule, AskRulePermission } = complete();
    const alias = { Ref: 'AskLiveAlias' };
    expect(AskRule?.Properties.TopicRulePayload).toEqual({
      Sql: 'x',
      Actions: [{ Lambda: { FunctionArn: alias } }],
    });
    expect(AskRulePermission?.Properties.FunctionName).toEqual(alias);
  });

  test('has no shared role, and no name of a role that could be too long', () => {
    const done = complete({
      AskQueue: queue('ask'),
      Mapping: mapping({ 'Fn::GetAtt': ['AskQueue', 'Arn'] }),
    });
    expect(done.IamRoleLambdaExecution).toBeUndefined();
    expect(done.Mapping?.DependsOn).toEqual(['AskLiveAlias']);
    expect(done.AskIamRoleLambdaExecution?.Properties).toEqual({ Policies: [] });
  });

  test('is refused where a function has no rights of its own', () => {
    const Role = { 'Fn::GetAtt': ['IamRoleLambdaExecution', 'Arn'] };
    const bare = { Type: 'AWS::Lambda::Function', Properties: { Role } };
    expect(() => complete({ AskLambdaFunction: bare })).toThrow('give every function iamRoleStatements');
  });

  test('is refused where a function has no version', () => {
    expect(() => complete({}, { keys: ['ask', 'other'] })).toThrow('OtherLambdaFunction has no version');
  });

  test('has the alarms that follow from what is there, and those that its service lists', () => {
    expect(alarmsOf(complete()).sort()).toEqual(['AskErrorsAlarm', 'BrokenAlarm']);
    const done = complete({
      AskQueue: queue('ask'),
      AskDeadQueue: queue('ask-dead'),
      QueueMapping: mapping({ 'Fn::GetAtt': ['AskQueue', 'Arn'] }),
      StreamMapping: mapping({ 'Fn::GetAtt': ['Rows', 'StreamArn'] }),
      Rows: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'evenkeel-dev-rows' } },
      Tick: {
        Type: 'AWS::Events::Rule',
        Properties: { ScheduleExpression: 'rate(2 minutes)', Targets: [{ Arn: LIVE_ARN }] },
      },
      Route: { Type: 'AWS::ApiGatewayV2::Integration', Properties: { IntegrationUri: LIVE_ARN } },
      Config: {
        Type: 'AWS::Lambda::EventInvokeConfig',
        Properties: { FunctionName: { Ref: 'AskLambdaFunction' }, DestinationConfig: {} },
      },
      AskLiveAlias: { Type: 'AWS::Lambda::Alias', Properties: {} },
    });
    expect(alarmsOf(done).sort()).toEqual([
      'AskDeadQueueAlarm',
      'AskErrorsAlarm',
      'AskExpiredAlarm',
      'AskLagAlarm',
      'AskQueueAgeAlarm',
      'AskStillAlarm',
      'BrokenAlarm',
      'RequestsFailedAlarm',
      'RowsThrottledAlarm',
    ]);
    // Five runs that should have been; two deliveries of a message.
    expect(done.AskStillAlarm?.Properties).toMatchObject({
      EvaluationPeriods: 10,
      TreatMissingData: 'breaching',
    });
    expect(done.AskQueueAgeAlarm?.Properties).toMatchObject({ Threshold: 362 });
    // What a function does not do says nothing about its new version.
    expect(done.AskCanaryGroup?.Properties.AlarmConfiguration).toEqual({
      Enabled: true,
      Alarms: ['AskErrorsAlarm', 'AskLagAlarm', 'AskQueueAgeAlarm', 'RequestsFailedAlarm'].map((Ref) => ({
        Name: { Ref },
      })),
    });
  });
});
