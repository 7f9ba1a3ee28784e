/** An exception that somebody has thought about. One that no template needs any more is itself a finding. */
export interface Exception {
  readonly stack: string;
  /** Logical id. */
  readonly resource: string;
  readonly reason: string;
}

/** Questions that devices ask again: the only IoT rules that may invoke a function instead of filling a queue. */
export const DIRECT_RULES: readonly Exception[] = [
  {
    stack: 'rollout-orchestrator',
    resource: 'CheckRule',
    reason:
      'A check is a question: the device asks again, and a queue would cost a third more and add a second.',
  },
];

/** Functions whose lost events are a metric with an alarm, and not dead letters. */
export const MAY_LOSE_EVENTS: readonly Exception[] = [
  {
    stack: 'rollout-orchestrator',
    resource: 'CheckForUpdateLambdaFunction',
    reason:
      'An answer that comes after a minute is of no use, and a hostile device could fill a dead-letter queue.',
  },
];

/** Functions that are traced only when their caller is: Lambda's own sampling, five of a hundred, cannot be set. */
export const TRACED_WITH_CALLER: readonly Exception[] = [
  {
    stack: 'rollout-orchestrator',
    resource: 'CheckForUpdateLambdaFunction',
    reason: 'A million checks cost some 0.60 dollars, and the traces of five in a hundred 0.25 more.',
  },
];

/** Tables without a way back to yesterday. */
export const WITHOUT_BACKUP: readonly Exception[] = [
  {
    stack: 'device-registry',
    resource: 'PresenceTable',
    reason:
      'It says who is connected now: an hour later it is wrong, and the next connection of each device writes it anew.',
  },
];

/** Tables and buckets that go with their stack. */
export const NOT_RETAINED: readonly Exception[] = [
  {
    stack: 'device-registry',
    resource: 'PresenceTable',
    reason: 'What it says is true only while the stack runs; kept, it would show devices as connected.',
  },
  ...['platform', 'device-registry', 'firmware-storage', 'rollout-orchestrator', 'telemetry-ingest'].map(
    (stack) => ({
      stack,
      resource: 'ServerlessDeploymentBucket',
      reason: 'It holds packaged code alone, which is made again from the repository.',
    }),
  ),
];

/** An action that may stand with `Resource: "*"`. */
export interface AnyResource {
  readonly stack: string;
  /** Logical id of the role or key. */
  readonly resource: string;
  readonly action: string;
  readonly reason: string;
}

const SERVICES = ['device-registry', 'firmware-storage', 'rollout-orchestrator', 'telemetry-ingest'];
const EVERY_ROLE = '';

/** All statements with `Resource: "*"`, action by action. An empty `resource` is every function's role. */
export const ON_ANY_RESOURCE: readonly AnyResource[] = [
  ...SERVICES.flatMap((stack) =>
    ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'].map((action) => ({
      stack,
      resource: EVERY_ROLE,
      action,
      reason: 'X-Ray has no resources that a statement could name.',
    })),
  ),
  ...['iot:CreateCertificateFromCsr', 'iot:CreateKeysAndCertificate', 'iot:DescribeEndpoint'].map(
    (action) => ({
      stack: 'device-registry',
      resource: 'RegisterDeviceIamRoleLambdaExecution',
      action,
      reason:
        "AWS IoT has no resource for it: the certificate does not exist yet, the endpoint is the account's.",
    }),
  ),
  ...[
    'iot:CreateThing',
    'iot:AttachThingPrincipal',
    'iot:AttachPolicy',
    'iot:UpdateCertificate',
    'iot:ListThingPrincipals',
  ].map((action) => ({
    stack: 'device-registry',
    resource: 'RegisterDeviceIamRoleLambdaExecution',
    action,
    reason:
      'It is meant for any device and the certificate that AWS IoT has just named: thing/* and cert/* are all there are.',
  })),
  ...['iot:UpdateCertificate', 'iot:ListThingPrincipals'].map((action) => ({
    stack: 'device-registry',
    resource: 'DecommissionDeviceIamRoleLambdaExecution',
    action,
    reason: 'Any device may be taken out of service, and AWS IoT alone knows the ids of its certificates.',
  })),
  {
    stack: 'rollout-orchestrator',
    resource: 'FindSilenceIamRoleLambdaExecution',
    action: 'cloudwatch:GetMetricData',
    reason: 'CloudWatch has no resources that a statement could name.',
  },
  ...['device-registry', 'firmware-storage', 'rollout-orchestrator'].map((stack) => ({
    stack,
    resource: 'SealKey',
    action: 'kms:*',
    reason:
      'In the policy of a key `*` is this key. Without kms:* for the account nobody could ever change it again.',
  })),
  ...['kms:*', 'kms:Decrypt', 'kms:GenerateDataKey'].map((action) => ({
    stack: 'platform',
    resource: 'AlarmKey',
    action,
    reason:
      'In the policy of a key `*` is this key. Without kms:* for the account nobody could ever change it again.',
  })),
];
