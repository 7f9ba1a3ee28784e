import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { StackTemplate } from '../deploy/stack-template.ts';

const FOUNDATION: StackTemplate = {
  Resources: { ServerlessDeploymentBucket: { Type: 'AWS::S3::Bucket', Properties: {} } },
  Outputs: { ServerlessDeploymentBucketName: { Value: { Ref: 'ServerlessDeploymentBucket' } } },
};

const KEPT = { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' } as const;

const PLATFORM: StackTemplate = {
  Parameters: { Issuer: { Default: '' }, Audience: { Default: '' }, DeviceEndpoint: { Default: '' } },
  Conditions: { HasUserPool: { 'Fn::Equals': [{ Ref: 'Issuer' }, ''] } },
  Resources: {
    ...FOUNDATION.Resources,
    UserPool: {
      Type: 'AWS::Cognito::UserPool',
      Condition: 'HasUserPool',
      ...KEPT,
      Properties: { UserPoolName: 'p' },
    },
    DevicePolicy: { Type: 'AWS::IoT::Policy', ...KEPT, Properties: { PolicyName: 'evenkeel-test-device' } },
    HttpApi: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'evenkeel-test' } },
    DownloadKey: {
      Type: 'AWS::CloudFront::PublicKey',
      Properties: { PublicKeyConfig: { EncodedKey: '{{resolve:ssm:/evenkeel/test/download-public-key}}' } },
    },
  },
  Outputs: {
    ...FOUNDATION.Outputs,
    HttpApiEndpoint: {
      Value: { 'Fn::GetAtt': ['HttpApi', 'ApiEndpoint'] },
      Export: { Name: 'evenkeel-test-api' },
    },
    UserPoolId: { Condition: 'HasUserPool', Value: { Ref: 'UserPool' } },
    Issuer: { Value: { 'Fn::If': ['HasUserPool', { Ref: 'UserPool' }, { Ref: 'Issuer' }] } },
    DeviceEndpoint: { Value: { Ref: 'DeviceEndpoint' } },
  },
};

const SERVICE: StackTemplate = {
  Resources: {
    ...FOUNDATION.Resources,
    Key: { Type: 'AWS::KMS::Key', Properties: {} },
    Table: {
      Type: 'AWS::DynamoDB::Table',
      ...KEPT,
      Properties: {
        TableName: 'evenkeel-test-plans',
        KeySchema: [],
        SSESpecification: { KMSMasterKeyId: { Ref: 'Key' } },
      },
    },
    Bucket: {
      Type: 'AWS::S3::Bucket',
      ...KEPT,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: variables of CloudFormation
      Properties: { BucketName: { 'Fn::Sub': 'evenkeel-test-plans-${AWS::AccountId}-${AWS::Region}' } },
    },
    Log: {
      Type: 'AWS::Logs::LogGroup',
      Properties: { LogGroupName: '/aws/lambda/greenhouse-test-openWindow' },
    },
    OpenWindowLambdaFunction: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: 'greenhouse-test-openWindow',
        Code: {
          S3Bucket: { Ref: 'ServerlessDeploymentBucket' },
          S3Key: 'serverless/greenhouse/test/now/openWindow.zip',
        },
      },
    },
    OpenWindowLambdaVersionabc: { Type: 'AWS::Lambda::Version', DeletionPolicy: 'Retain', Properties: {} },
    Route: {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: { ApiId: { 'Fn::ImportValue': 'evenkeel-test-api' } },
    },
  },
  Outputs: FOUNDATION.Outputs ?? {},
};

/** Writes a small packaged stage, `test`, as packaging does: the platform stack and one service with one function. */
export function writePackagedFixture(folder: string, code = 'first'): void {
  write(path.join(folder, 'platform'), 'evenkeel-platform', PLATFORM);
  write(path.join(folder, 'greenhouse'), 'greenhouse', SERVICE);
  writeFileSync(path.join(folder, 'greenhouse', 'openWindow.zip'), code);
}

/** The fixture's templates. */
export const fixtureTemplates = { platform: PLATFORM, service: SERVICE } as const;

function write(folder: string, service: string, template: StackTemplate): void {
  mkdirSync(folder, { recursive: true });
  const save = (name: string, document: unknown) =>
    writeFileSync(path.join(folder, name), JSON.stringify(document));
  save('cloudformation-template-update-stack.json', template);
  save('cloudformation-template-create-stack.json', FOUNDATION);
  save('serverless-state.json', { service: { service } });
}
