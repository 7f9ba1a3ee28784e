import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { writePackagedFixture } from '../testing/packaged-fixture.ts';
import { type StubbedStage, startStubbedStage } from '../testing/stubbed-stage.ts';

let stage: StubbedStage;
beforeEach(async () => {
  stage = await startStubbedStage();
});
afterEach(() => stage.stop());

const READY = { 'evenkeel-platform-test': 'UPDATE_COMPLETE', 'greenhouse-test': 'UPDATE_COMPLETE' };
const TABLE = 'evenkeel-test-plans';
const BUCKET = 'evenkeel-test-plans-123456789012-eu-central-1';
const callsTo = (action: RegExp) => stage.stub.account.calls.filter((call) => action.test(call));

describe('deploying over a stubbed wire', () => {
  test('a fresh account gets the platform stack, then the service that imports from it', async () => {
    const endpoints = await stage.deploy();
    expect(stage.statuses()).toEqual(READY);
    expect(stage.stub.account.stacks.map(({ name }) => name)).toEqual([
      'evenkeel-platform-test',
      'greenhouse-test',
    ]);
    expect(endpoints).toMatchObject({
      UserPoolId: stage.has('AWS::Cognito::UserPool')[0],
      DeviceEndpoint: 'a1b2c3-ats.iot.eu-central-1.amazonaws.com',
    });
    expect(stage.has('AWS::DynamoDB::Table')).toEqual([TABLE]);
  });

  test('a second run changes nothing and uploads nothing', async () => {
    await stage.deploy();
    stage.stub.account.calls.length = 0;
    await stage.deploy();
    expect(callsTo(/ExecuteChangeSet|s3 PUT/)).toEqual([]);
    expect(stage.lines.filter((line) => line.includes('is so already'))).toHaveLength(2);
  });

  test('new code is uploaded and changes only its function', async () => {
    await stage.deploy();
    stage.stub.account.calls.length = 0;
    writePackagedFixture(stage.folder, 'second');
    await stage.deploy();
    expect(callsTo(/s3 PUT/)).toHaveLength(1);
    expect(callsTo(/ExecuteChangeSet/)).toHaveLength(1);
  });

  test('a provider of the operator is said once and kept by later runs', async () => {
    await stage.deploy({ issuer: 'https://id.example.com', audience: 'evenkeel' });
    expect(stage.has('AWS::Cognito::UserPool')).toEqual([]);
    const endpoints = await stage.deploy();
    expect(endpoints).toMatchObject({ Issuer: 'https://id.example.com' });
  });

  test('an administrator is invited once', async () => {
    const administrator = { email: 'ada@example.com', tenant: 'acme' };
    await stage.deploy({ administrator });
    await stage.deploy({ administrator });
    expect(stage.stub.account.users).toMatchObject([{ Username: 'ada@example.com' }]);
    expect(stage.lines).toContain('ada@example.com is a user already and is left as they are');
  });
});

describe('after a creation that failed, over a stubbed wire,', () => {
  test('the reason is told, and the next run goes on from there, with what was left behind', async () => {
    stage.stub.account.faults.set(
      'OpenWindowLambdaFunction',
      'Resource handler returned message: "concurrency is below its minimum"',
    );
    await expect(stage.deploy()).rejects.toThrow(
      /greenhouse-test ended as UPDATE_ROLLBACK_COMPLETE:\n {2}OpenWindowLambdaFunction \(AWS::Lambda::Function\): .*concurrency is below/,
    );
    expect(stage.has('AWS::DynamoDB::Table')).toEqual([TABLE]);
    stage.stub.account.faults.clear();
    await stage.deploy();
    expect(stage.statuses()).toEqual(READY);
    expect(stage.lines).toContain(`greenhouse-test: brings back AWS::DynamoDB::Table ${TABLE}`);
  });

  test('a stack that never came up is removed and made anew', async () => {
    stage.stub.account.faults.set('ServerlessDeploymentBucket', 'Service limit exceeded');
    await expect(stage.deploy()).rejects.toThrow(/evenkeel-platform-test ended as ROLLBACK_COMPLETE/);
    stage.stub.account.faults.clear();
    await stage.deploy();
    expect(stage.statuses()).toEqual(READY);
  });

  test('a template that CloudFormation refuses is told in its words', async () => {
    stage.stub.account.refusals.set('cloudformation', {
      code: 'ValidationError',
      message: 'Template format error',
    });
    await expect(stage.deploy()).rejects.toThrow(/Template format error/);
  });
});

describe('a stack in another state, over a stubbed wire:', () => {
  test('what another run began is waited for', async () => {
    await stage.deploy();
    const stack = stage.stub.account.stack('greenhouse-test');
    if (stack === undefined) throw new Error('the stack is missing');
    stack.status = 'UPDATE_IN_PROGRESS';
    stack.steps.push(
      () => undefined,
      () => {
        stack.status = 'UPDATE_COMPLETE';
      },
    );
    await stage.deploy();
    expect(stage.lines).toContain('greenhouse-test: is UPDATE_IN_PROGRESS: waiting for that to end');
  });

  test('keys of download addresses that are gone stop a run before anything is changed', async () => {
    await stage.deploy();
    stage.stub.account.parameters.delete('/evenkeel/test/download-signing-key');
    stage.stub.account.parameters.delete('/evenkeel/test/download-public-key');
    await expect(stage.deploy()).rejects.toThrow('CloudFront cannot exchange the key that it has');
    expect([...stage.stub.account.parameters.keys()]).not.toContain('/evenkeel/test/download-signing-key');
  });

  test.each([
    ['UPDATE_ROLLBACK_FAILED', /continue-update-rollback --stack-name greenhouse-test/],
    ['DELETE_FAILED', /npm run remove -- --stage test/],
  ])('%s stops the run with what to do', async (status, advice) => {
    await stage.deploy();
    Object.assign(stage.stub.account.stack('greenhouse-test') ?? {}, { status });
    await expect(stage.deploy()).rejects.toMatchObject({ advice: expect.stringMatching(advice) });
  });
});

describe('removing over a stubbed wire', () => {
  test('keeps tables, buckets, the user pool and the keys, and says which', async () => {
    await stage.deploy();
    const [pool] = stage.has('AWS::Cognito::UserPool');
    const { kept } = await stage.remove();
    expect(stage.statuses()).toEqual({});
    expect(kept).toEqual([
      `AWS::DynamoDB::Table ${TABLE}`,
      `AWS::S3::Bucket ${BUCKET}`,
      `AWS::Cognito::UserPool ${pool}`,
      'AWS::IoT::Policy evenkeel-test-device',
    ]);
    expect(stage.has('AWS::S3::Bucket')).toEqual([BUCKET]);
    expect([...stage.stub.account.parameters.keys()]).toContain('/evenkeel/test/download-signing-key');
  });

  test('and deploying again brings back what was kept, a log group that came back, and the very user pool', async () => {
    const { UserPoolId: pool } = await stage.deploy();
    stage.stub.account.objects.set(`${BUCKET}/artifacts/a`, Buffer.from('firmware'));
    await stage.remove();
    stage.stub.account.resources.push({
      type: 'AWS::Logs::LogGroup',
      physicalId: '/aws/lambda/greenhouse-test-openWindow',
      stackId: undefined,
    });
    const endpoints = await stage.deploy();
    expect(stage.statuses()).toEqual(READY);
    expect(endpoints.UserPoolId).toBe(pool);
    expect(stage.has('AWS::DynamoDB::Table')).toEqual([TABLE]);
    expect(stage.stub.account.objects.get(`${BUCKET}/artifacts/a`)?.toString()).toBe('firmware');
    expect(stage.stub.account.resources.filter(({ stackId }) => stackId === undefined)).toEqual([]);
  });

  test('with the data leaves nothing, and deploying again starts from nothing', async () => {
    const { UserPoolId: pool } = await stage.deploy();
    stage.stub.account.objects.set(`${BUCKET}/artifacts/a`, Buffer.from('firmware'));
    expect(await stage.remove(true)).toMatchObject({ left: [] });
    expect(stage.stub.account.resources).toEqual([]);
    expect([...stage.stub.account.parameters.keys()]).toEqual([]);
    const { UserPoolId } = await stage.deploy();
    expect(UserPoolId).not.toBe(pool);
  });

  test('with the data works also for what an earlier removal kept', async () => {
    await stage.deploy();
    await stage.remove();
    await stage.remove(true);
    expect(stage.stub.account.resources).toEqual([]);
  });

  test('a second time is no fault, and in an account without the stage is one', async () => {
    await stage.deploy();
    await stage.remove();
    await stage.remove();
    await stage.remove(true);
    await expect(stage.remove()).rejects.toThrow(
      'there is nothing of the stage test in eu-central-1 of account 123456789012',
    );
  });
});

describe('who and where, over a stubbed wire:', () => {
  test.each([
    ['ExpiredToken', /have expired/],
    ['InvalidClientTokenId', /does not know these credentials in eu-central-1/],
  ])('%s stops before anything is asked of the account', async (code, message) => {
    stage.stub.account.refusals.set('sts', {
      code,
      message: 'The security token included in the request is not valid',
    });
    await expect(stage.deploy()).rejects.toThrow(message);
    expect(stage.stub.account.calls).toEqual([]);
  });

  test('a second stage in a Region is not begun: its IoT rules would have the names of the first', async () => {
    await stage.deploy();
    const platform = stage.stub.account.stack('evenkeel-platform-test');
    Object.assign(platform ?? {}, { name: 'evenkeel-platform-prod' });
    await expect(stage.deploy()).rejects.toThrow('eu-central-1 of account 123456789012 has the stage prod');
    expect(stage.stub.account.stack('evenkeel-platform-test')).toBeUndefined();
  });

  test('a stage that is in another Region is not begun here unless that is said', async () => {
    stage.stub.account.resources.push({
      type: 'AWS::S3::Bucket',
      physicalId: 'evenkeel-test-reports-123456789012-us-east-1',
      stackId: 'other',
    });
    await expect(stage.deploy()).rejects.toThrow('the stage test is in us-east-1, and not in eu-central-1');
    expect(stage.statuses()).toEqual({});
    await stage.deploy({ secondRegion: true });
    expect(stage.statuses()).toEqual(READY);
  });
});
