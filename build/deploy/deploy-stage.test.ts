import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type DeployBench, startDeployBench } from '../testing/deploy-bench.ts';
import { writePackagedFixture } from '../testing/packaged-fixture.ts';

let bench: DeployBench;
beforeEach(async () => {
  bench = await startDeployBench();
});
afterEach(() => bench.stop());

const READY = { 'evenkeel-platform-test': 'UPDATE_COMPLETE', 'greenhouse-test': 'UPDATE_COMPLETE' };
const TABLE = 'evenkeel-test-plans';
const BUCKET = 'evenkeel-test-plans-123456789012-eu-central-1';
const callsTo = (action: RegExp) => bench.stub.account.calls.filter((call) => action.test(call));

describe('deploying over a stubbed wire', () => {
  test('a fresh account gets the platform stack, then the service that imports from it', async () => {
    const endpoints = await bench.deploy();
    expect(bench.statuses()).toEqual(READY);
    expect(bench.stub.account.stacks.map(({ name }) => name)).toEqual([
      'evenkeel-platform-test',
      'greenhouse-test',
    ]);
    expect(endpoints).toMatchObject({
      UserPoolId: bench.has('AWS::Cognito::UserPool')[0],
      DeviceEndpoint: 'a1b2c3-ats.iot.eu-central-1.amazonaws.com',
    });
    expect(bench.has('AWS::DynamoDB::Table')).toEqual([TABLE]);
  });

  test('a second run changes nothing and uploads nothing', async () => {
    await bench.deploy();
    bench.stub.account.calls.length = 0;
    await bench.deploy();
    expect(callsTo(/ExecuteChangeSet|s3 PUT/)).toEqual([]);
    expect(bench.lines.filter((line) => line.includes('is so already'))).toHaveLength(2);
  });

  test('new code is uploaded and changes only its function', async () => {
    await bench.deploy();
    bench.stub.account.calls.length = 0;
    writePackagedFixture(bench.folder, 'second');
    await bench.deploy();
    expect(callsTo(/s3 PUT/)).toHaveLength(1);
    expect(callsTo(/ExecuteChangeSet/)).toHaveLength(1);
  });

  test('a provider of the operator is said once and kept by later runs', async () => {
    await bench.deploy({ issuer: 'https://id.example.com', audience: 'evenkeel' });
    expect(bench.has('AWS::Cognito::UserPool')).toEqual([]);
    const endpoints = await bench.deploy();
    expect(endpoints).toMatchObject({ Issuer: 'https://id.example.com' });
  });

  test('an administrator is invited once', async () => {
    const administrator = { email: 'ada@example.com', tenant: 'acme' };
    await bench.deploy({ administrator });
    await bench.deploy({ administrator });
    expect(bench.stub.account.users).toMatchObject([{ Username: 'ada@example.com' }]);
    expect(bench.lines).toContain('ada@example.com is a user already and is left as they are');
  });
});

describe('after a creation that failed, over a stubbed wire,', () => {
  test('the reason is told, and the next run goes on from there, with what was left behind', async () => {
    bench.stub.account.faults.set(
      'OpenWindowLambdaFunction',
      'Resource handler returned message: "concurrency is below its minimum"',
    );
    await expect(bench.deploy()).rejects.toThrow(
      /greenhouse-test ended as UPDATE_ROLLBACK_COMPLETE:\n {2}OpenWindowLambdaFunction \(AWS::Lambda::Function\): .*concurrency is below/,
    );
    expect(bench.has('AWS::DynamoDB::Table')).toEqual([TABLE]);
    bench.stub.account.faults.clear();
    await bench.deploy();
    expect(bench.statuses()).toEqual(READY);
    expect(bench.lines).toContain(`greenhouse-test: brings back AWS::DynamoDB::Table ${TABLE}`);
  });

  test('a stack that never came up is removed and made anew', async () => {
    bench.stub.account.faults.set('ServerlessDeploymentBucket', 'Service limit exceeded');
    await expect(bench.deploy()).rejects.toThrow(/evenkeel-platform-test ended as ROLLBACK_COMPLETE/);
    bench.stub.account.faults.clear();
    await bench.deploy();
    expect(bench.statuses()).toEqual(READY);
  });

  test('a template that CloudFormation refuses is told in its words', async () => {
    bench.stub.account.refusals.set('cloudformation', {
      code: 'ValidationError',
      message: 'Template format error',
    });
    await expect(bench.deploy()).rejects.toThrow(/Template format error/);
  });
});

describe('a stack in another state, over a stubbed wire:', () => {
  test('what another run began is waited for', async () => {
    await bench.deploy();
    const stack = bench.stub.account.stack('greenhouse-test');
    if (stack === undefined) throw new Error('the stack is missing');
    stack.status = 'UPDATE_IN_PROGRESS';
    stack.steps.push(
      () => undefined,
      () => {
        stack.status = 'UPDATE_COMPLETE';
      },
    );
    await bench.deploy();
    expect(bench.lines).toContain('greenhouse-test: is UPDATE_IN_PROGRESS: waiting for that to end');
  });

  test.each([
    ['UPDATE_ROLLBACK_FAILED', /continue-update-rollback --stack-name greenhouse-test/],
    ['DELETE_FAILED', /npm run remove -- --stage test/],
  ])('%s stops the run with what to do', async (status, advice) => {
    await bench.deploy();
    Object.assign(bench.stub.account.stack('greenhouse-test') ?? {}, { status });
    await expect(bench.deploy()).rejects.toMatchObject({ advice: expect.stringMatching(advice) });
  });
});

describe('removing over a stubbed wire', () => {
  test('keeps tables, buckets, the user pool and the keys, and says which', async () => {
    await bench.deploy();
    const [pool] = bench.has('AWS::Cognito::UserPool');
    const { kept } = await bench.remove();
    expect(bench.statuses()).toEqual({});
    expect(kept).toEqual([
      `AWS::DynamoDB::Table ${TABLE}`,
      `AWS::S3::Bucket ${BUCKET}`,
      `AWS::Cognito::UserPool ${pool}`,
      'AWS::IoT::Policy evenkeel-test-device',
    ]);
    expect(bench.has('AWS::S3::Bucket')).toEqual([BUCKET]);
    expect([...bench.stub.account.parameters.keys()]).toContain('/evenkeel/test/download-signing-key');
  });

  test('and deploying again brings back what was kept, a log group that came back, and the very user pool', async () => {
    const { UserPoolId: pool } = await bench.deploy();
    bench.stub.account.objects.set(`${BUCKET}/artifacts/a`, Buffer.from('firmware'));
    await bench.remove();
    bench.stub.account.resources.push({
      type: 'AWS::Logs::LogGroup',
      physicalId: '/aws/lambda/greenhouse-test-openWindow',
      stackId: undefined,
    });
    const endpoints = await bench.deploy();
    expect(bench.statuses()).toEqual(READY);
    expect(endpoints.UserPoolId).toBe(pool);
    expect(bench.has('AWS::DynamoDB::Table')).toEqual([TABLE]);
    expect(bench.stub.account.objects.get(`${BUCKET}/artifacts/a`)?.toString()).toBe('firmware');
    expect(bench.stub.account.resources.filter(({ stackId }) => stackId === undefined)).toEqual([]);
  });

  test('with the data leaves nothing, and deploying again starts from nothing', async () => {
    const { UserPoolId: pool } = await bench.deploy();
    bench.stub.account.objects.set(`${BUCKET}/artifacts/a`, Buffer.from('firmware'));
    expect(await bench.remove(true)).toMatchObject({ left: [] });
    expect(bench.stub.account.resources).toEqual([]);
    expect([...bench.stub.account.parameters.keys()]).toEqual([]);
    const { UserPoolId } = await bench.deploy();
    expect(UserPoolId).not.toBe(pool);
  });

  test('with the data works also for what an earlier removal kept', async () => {
    await bench.deploy();
    await bench.remove();
    await bench.remove(true);
    expect(bench.stub.account.resources).toEqual([]);
  });

  test('a second time is no fault, and in an account without the stage is one', async () => {
    await bench.deploy();
    await bench.remove();
    await bench.remove();
    await bench.remove(true);
    await expect(bench.remove()).rejects.toThrow(
      'there is nothing of the stage test in eu-central-1 of account 123456789012',
    );
  });
});

describe('who and where, over a stubbed wire:', () => {
  test.each([
    ['ExpiredToken', /have expired/],
    ['InvalidClientTokenId', /does not know these credentials in eu-central-1/],
  ])('%s stops before anything is asked of the account', async (code, message) => {
    bench.stub.account.refusals.set('sts', {
      code,
      message: 'The security token included in the request is not valid',
    });
    await expect(bench.deploy()).rejects.toThrow(message);
    expect(bench.stub.account.calls).toEqual([]);
  });

  test('a stage that is in another Region is not begun here unless that is said', async () => {
    bench.stub.account.resources.push({
      type: 'AWS::S3::Bucket',
      physicalId: 'evenkeel-test-reports-123456789012-us-east-1',
      stackId: 'other',
    });
    await expect(bench.deploy()).rejects.toThrow('the stage test is in us-east-1, and not in eu-central-1');
    expect(bench.statuses()).toEqual({});
    await bench.deploy({ secondRegion: true });
    expect(bench.statuses()).toEqual(READY);
  });
});
