import type { Draft, PlantedFault } from './fault.ts';

const stack = 'rollout-orchestrator';
const statementsOf = (template: Draft, role: string) =>
  template.Resources[role].Properties.Policies[0].PolicyDocument.Statement;
const allow = (Action: string, Resource: unknown) => (template: Draft) => {
  statementsOf(template, 'GetRolloutIamRoleLambdaExecution').push({ Effect: 'Allow', Action, Resource });
};
const widening = { stack, rule: 'no-unexplained-star', resource: 'GetRolloutIamRoleLambdaExecution' };

const sourceless: readonly [title: string, id: string, document: string, stack: string][] = [
  ['a role that any IoT rule may take', 'RuleRole', 'AssumeRolePolicyDocument', stack],
  ['a queue that any bus may send to', 'OrchestratorDeadQueuePolicy', 'PolicyDocument', stack],
  ['a topic that any alarm may tell', 'AlarmTopicPolicy', 'PolicyDocument', 'platform'],
  ['a key that any alarm may use', 'AlarmKey', 'KeyPolicy', 'platform'],
  ['a bucket that any distribution may read', 'FirmwareBucketPolicy', 'PolicyDocument', 'firmware-storage'],
];

/** Faults in functions, in what they may do, and in what watches them. */
export const functionFaults: readonly PlantedFault[] = [
  {
    title: 'a function that is not named after its folder',
    stack,
    plant: (template) => {
      template.Resources.GetRolloutLambdaFunction.Properties.Handler =
        'functions/read-rollout/handler.handler';
    },
    rule: 'function-key-is-folder',
    resource: 'GetRolloutLambdaFunction',
  },
  {
    title: 'a function on x86',
    stack,
    plant: (template) => {
      delete template.Resources.GetRolloutLambdaFunction.Properties.Architectures;
    },
    rule: 'function-is-arm64',
    resource: 'GetRolloutLambdaFunction',
  },
  {
    title: 'a function that is not traced',
    stack,
    plant: (template) => {
      template.Resources.GetRolloutLambdaFunction.Properties.TracingConfig.Mode = 'PassThrough';
    },
    rule: 'function-is-traced',
    resource: 'GetRolloutLambdaFunction',
  },
  {
    title: 'a check of which Lambda traces five in a hundred',
    stack,
    plant: (template) => {
      template.Resources.CheckForUpdateLambdaFunction.Properties.TracingConfig.Mode = 'Active';
    },
    rule: 'function-is-traced',
    resource: 'CheckForUpdateLambdaFunction',
  },
  {
    title: 'a function that may not send its traces',
    stack,
    plant: (template) => {
      const statements = statementsOf(template, 'GetRolloutIamRoleLambdaExecution');
      for (const statement of statements)
        if (JSON.stringify(statement.Action).includes('xray')) statement.Action = [];
    },
    rule: 'function-is-traced',
    resource: 'GetRolloutLambdaFunction',
  },
  {
    title: 'a log that is kept for ever',
    stack,
    plant: (template) => {
      delete template.Resources.GetRolloutLogGroup.Properties.RetentionInDays;
    },
    rule: 'log-has-retention',
    resource: 'GetRolloutLambdaFunction',
  },
  {
    title: 'a route that answers after the API has given up',
    stack,
    plant: (template) => {
      template.Resources.GetRolloutLambdaFunction.Properties.Timeout = 30;
    },
    rule: 'http-answers-in-time',
    resource: 'GetRolloutLambdaFunction',
  },
  {
    title: 'a function without an alias',
    stack,
    plant: (template) => {
      delete template.Resources.GetRolloutLiveAlias;
    },
    rule: 'function-has-canary',
    resource: 'GetRolloutLambdaFunction',
  },
  {
    title: 'an alias that moves at once',
    stack,
    plant: (template) => {
      delete template.Resources.GetRolloutLiveAlias.UpdatePolicy;
    },
    rule: 'function-has-canary',
    resource: 'GetRolloutLambdaFunction',
  },
  {
    title: 'a canary that no alarm watches',
    stack,
    plant: (template) => {
      template.Resources.GetRolloutCanaryGroup.Properties.AlarmConfiguration.Enabled = false;
    },
    rule: 'function-has-canary',
    resource: 'GetRolloutLambdaFunction',
  },
  {
    title: 'a canary that does not go back',
    stack,
    plant: (template) => {
      template.Resources.GetRolloutCanaryGroup.Properties.AutoRollbackConfiguration.Enabled = false;
    },
    rule: 'function-has-canary',
    resource: 'GetRolloutLambdaFunction',
  },
  { title: 'a right to any resource', plant: allow('dynamodb:Query', '*'), ...widening },
  {
    title: 'a right to any function',
    plant: allow('lambda:InvokeFunction', {
      'Fn::Sub': `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:*`,
    }),
    ...widening,
  },
  {
    title: 'a right to all topics of devices',
    plant: allow('iot:Publish', {
      'Fn::Sub': `arn:\${AWS::Partition}:iot:\${AWS::Region}:\${AWS::AccountId}:topic/ek/*`,
    }),
    ...widening,
  },
  ...sourceless.map(
    ([title, id, document, from]): PlantedFault => ({
      title,
      stack: from,
      plant: (template) => {
        for (const statement of template.Resources[id].Properties[document].Statement)
          delete statement.Condition;
      },
      rule: 'service-names-its-source',
      resource: id,
    }),
  ),
  {
    title: 'a function that any bus may invoke',
    stack,
    plant: (template) => {
      delete template.Resources.OnReleaseRevokedEventBridgeLambdaPermission1.Properties.SourceArn;
    },
    rule: 'service-names-its-source',
    resource: 'OnReleaseRevokedEventBridgeLambdaPermission1',
  },
  {
    title: 'a right to all actions',
    plant: allow('dynamodb:*', { 'Fn::GetAtt': ['RolloutsTable', 'Arn'] }),
    ...widening,
  },
  {
    title: 'a role with a policy of somebody else',
    stack,
    plant: (template) => {
      template.Resources.GetRolloutIamRoleLambdaExecution.Properties.ManagedPolicyArns = [
        'arn:aws:iam::aws:policy/AdministratorAccess',
      ];
    },
    rule: 'no-managed-policy',
    resource: 'GetRolloutIamRoleLambdaExecution',
  },
  {
    title: 'a role that nothing uses',
    stack,
    plant: (template) => {
      template.Resources.SpareRole = template.Resources.GetRolloutIamRoleLambdaExecution;
    },
    rule: 'role-is-used',
    resource: 'SpareRole',
  },
  {
    title: 'an alarm that tells nobody',
    stack,
    plant: (template) => {
      template.Resources.GetRolloutErrorsAlarm.Properties.AlarmActions = [];
    },
    rule: 'alarm-tells-topic',
    resource: 'GetRolloutErrorsAlarm',
  },
  {
    title: 'an alarm that the newest minute keeps quiet',
    stack,
    plant: (template) => {
      delete template.Resources.RolloutsTableThrottledAlarm.Properties.DatapointsToAlarm;
    },
    rule: 'alarm-goes-off',
    resource: 'RolloutsTableThrottledAlarm',
  },
  ...Object.entries({
    PermitsQueueAgeAlarm: 'PermitsQueue',
    RelayOutboxLagAlarm: 'RelayOutboxLambdaFunction',
    RolloutsTableThrottledAlarm: 'RolloutsTable',
    TickRolloutsStillAlarm: 'TickRolloutsLambdaFunction',
  }).map(
    ([alarm, resource]): PlantedFault => ({
      title: `trouble that nobody sees, because ${alarm} is missing`,
      stack,
      plant: (template) => {
        delete template.Resources[alarm];
      },
      rule: 'trouble-has-alarm',
      resource,
    }),
  ),
  {
    title: 'a device policy that does not fit in GovCloud',
    stack: 'platform',
    plant: (template) => {
      const [, publish] = template.Resources.DevicePolicy.Properties.PolicyDocument.Statement;
      publish.Resource.push(...publish.Resource, ...publish.Resource);
    },
    rule: 'device-policy-fits',
    resource: 'DevicePolicy',
  },
  {
    title: 'a name of CloudFront that a second Region cannot have',
    stack: 'platform',
    plant: (template) => {
      template.Resources.FirmwareAccess.Properties.OriginAccessControlConfig.Name = 'evenkeel-test-firmware';
    },
    rule: 'global-name-has-region',
    resource: 'FirmwareAccess',
  },
  {
    title: 'a stack that has grown too large',
    stack,
    plant: (template) => {
      for (let at = 0; at < 400; at += 1)
        template.Resources[`Copy${at}`] = template.Resources.GetRolloutLogGroup;
    },
    rule: 'stack-is-small',
    resource: '',
  },
  {
    title: 'a role whose name is too long in some Region',
    stack,
    plant: (template) => {
      template.Resources.GetRolloutIamRoleLambdaExecution.Properties.RoleName = {
        'Fn::Join': ['-', ['a'.repeat(50), { Ref: 'AWS::Region' }]],
      };
    },
    rule: 'name-fits-everywhere',
    resource: 'GetRolloutIamRoleLambdaExecution',
  },
];
