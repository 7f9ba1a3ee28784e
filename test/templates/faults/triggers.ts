import type { Draft, PlantedFault } from './fault.ts';

const stack = 'rollout-orchestrator';
const LATEST = { 'Fn::GetAtt': ['CheckForUpdateLambdaFunction', 'Arn'] };

/** Takes a right away from a role. */
const without = (role: string, action: string) => (template: Draft) => {
  for (const { PolicyDocument } of template.Resources[role].Properties.Policies)
    PolicyDocument.Statement = PolicyDocument.Statement.filter(
      (statement: { Action: unknown }) => ![statement.Action].flat().includes(action),
    );
};
const payload = (template: Draft, rule: string) => template.Resources[rule].Properties.TopicRulePayload;

const REVOKED_RULE = 'RolloutorchestratortestonReleaseRevokedrule1EventBridgeRule';
const FAILURES_ROUTE = 'HttpApiRouteGetRolloutsRolloutVarFailures';
const route = (template: Draft) => template.Resources[FAILURES_ROUTE].Properties;

/** Faults between what happens and the function that hears of it. */
export const triggerFaults: readonly PlantedFault[] = [
  {
    title: 'an IoT rule without SQL',
    stack,
    plant: (template) => {
      payload(template, 'ReportRule').Sql = '';
    },
    rule: 'rule-has-sql',
    resource: 'ReportRule',
  },
  {
    title: 'an IoT rule of the old SQL version',
    stack,
    plant: (template) => {
      payload(template, 'ReportRule').AwsIotSqlVersion = '2015-10-08';
    },
    rule: 'rule-has-sql',
    resource: 'ReportRule',
  },
  {
    title: 'an IoT rule without an action',
    stack,
    plant: (template) => {
      payload(template, 'PermitRule').Actions = [];
    },
    rule: 'rule-has-action',
    resource: 'PermitRule',
  },
  {
    title: 'an IoT rule without an error action',
    stack,
    plant: (template) => {
      delete payload(template, 'CheckRule').ErrorAction;
    },
    rule: 'rule-has-error-action',
    resource: 'CheckRule',
  },
  {
    title: 'an IoT rule that is switched off',
    stack,
    plant: (template) => {
      payload(template, 'CheckRule').RuleDisabled = true;
    },
    rule: 'rule-is-on',
    resource: 'CheckRule',
  },
  {
    title: 'an IoT rule whose role may not send',
    stack,
    plant: without('RuleRole', 'sqs:SendMessage'),
    rule: 'rule-may-act',
    resource: 'PermitRule',
  },
  {
    title: 'an IoT rule that nothing permits to invoke its function',
    stack,
    plant: (template) => {
      delete template.Resources.CheckRulePermission;
    },
    rule: 'rule-may-act',
    resource: 'CheckRule',
  },
  {
    title: 'an IoT rule that is permitted another qualifier than it invokes',
    stack,
    plant: (template) => {
      template.Resources.CheckRulePermission.Properties.FunctionName = LATEST;
    },
    rule: 'rule-may-act',
    resource: 'CheckRule',
  },
  {
    title: 'a fact that goes straight to a function',
    stack,
    plant: (template) => {
      payload(template, 'PermitRule').Actions = payload(template, 'CheckRule').Actions;
    },
    rule: 'facts-go-through-a-queue',
    resource: 'PermitRule',
  },
  {
    title: 'a bus consumer without a failure destination',
    stack,
    plant: (template) => {
      delete template.Resources.OnReleaseRevokedLambdaEvConf;
    },
    rule: 'asynchronous-has-failure-destination',
    resource: 'OnReleaseRevokedLambdaFunction',
  },
  {
    title: 'a rule on the bus that loses what it cannot deliver',
    stack,
    plant: (template) => {
      delete template.Resources[REVOKED_RULE].Properties.Targets[0].DeadLetterConfig;
    },
    rule: 'event-is-kept',
    resource: REVOKED_RULE,
  },
  {
    title: 'a rule on the bus whose dead-letter queue does not let it in',
    stack,
    plant: (template) => {
      template.Resources[REVOKED_RULE].Properties.Name += '-renamed';
    },
    rule: 'event-is-kept',
    resource: REVOKED_RULE,
  },
  {
    title: 'a failure destination on another qualifier than the triggers invoke',
    stack,
    plant: (template) => {
      template.Resources.OnReleaseRevokedLambdaEvConf.Properties.Qualifier = '$LATEST';
    },
    rule: 'invoke-config-is-reached',
    resource: 'OnReleaseRevokedLambdaEvConf',
  },
  {
    title: 'a failure destination that the function may not use',
    stack: 'firmware-storage',
    plant: without('OnFirmwareUploadedIamRoleLambdaExecution', 'sqs:SendMessage'),
    rule: 'asynchronous-may-use-destination',
    resource: 'OnFirmwareUploadedLambdaFunction',
  },
  {
    title: 'a schedule without a failure destination',
    stack,
    plant: (template) => {
      template.Resources.TickRolloutsLambdaEvConf.Properties.DestinationConfig = {};
    },
    rule: 'asynchronous-has-failure-destination',
    resource: 'TickRolloutsLambdaFunction',
  },
  {
    title: 'a check that is kept for longer than a minute',
    stack,
    plant: (template) => {
      template.Resources.CheckForUpdateLambdaEvConf.Properties.MaximumEventAgeInSeconds = 61;
    },
    rule: 'question-is-not-retried',
    resource: 'CheckForUpdateLambdaFunction',
  },
  {
    title: 'a check that is tried again',
    stack,
    plant: (template) => {
      template.Resources.CheckForUpdateLambdaEvConf.Properties.MaximumRetryAttempts = 1;
    },
    rule: 'question-is-not-retried',
    resource: 'CheckForUpdateLambdaFunction',
  },
  {
    title: 'a check whose loss nobody sees',
    stack,
    plant: (template) => {
      delete template.Resources.CheckForUpdateExpiredAlarm;
    },
    rule: 'question-loss-is-seen',
    resource: 'CheckForUpdateLambdaFunction',
  },
  {
    title: 'a queue that is read batch by batch, good records with the bad',
    stack,
    plant: (template) => {
      delete template.Resources.ApplyReportsEventSourceMappingSQSReportsQueue.Properties
        .FunctionResponseTypes;
    },
    rule: 'mapping-reports-item-failures',
    resource: 'ApplyReportsEventSourceMappingSQSReportsQueue',
  },
  {
    title: 'a stream that is read batch by batch',
    stack: 'device-registry',
    plant: (template) => {
      delete template.Resources.RelayOutboxEventSourceMappingDynamodbRegistryTable.Properties
        .FunctionResponseTypes;
    },
    rule: 'mapping-reports-item-failures',
    resource: 'RelayOutboxEventSourceMappingDynamodbRegistryTable',
  },
  {
    title: 'a stream that forgets what it gives up',
    stack: 'device-registry',
    plant: (template) => {
      delete template.Resources.RelayOutboxEventSourceMappingDynamodbRegistryTable.Properties
        .DestinationConfig;
    },
    rule: 'stream-has-failure-destination',
    resource: 'RelayOutboxEventSourceMappingDynamodbRegistryTable',
  },
  {
    title: 'a stream that never gives up',
    stack: 'device-registry',
    plant: (template) => {
      template.Resources.RelayOutboxEventSourceMappingDynamodbRegistryTable.Properties.MaximumRetryAttempts =
        -1;
    },
    rule: 'stream-gives-up',
    resource: 'RelayOutboxEventSourceMappingDynamodbRegistryTable',
  },
  {
    title: 'a stream that fails until it has forgotten what failed',
    stack: 'device-registry',
    plant: (template) => {
      delete template.Resources.RelayOutboxEventSourceMappingDynamodbRegistryTable.Properties
        .MaximumRecordAgeInSeconds;
    },
    rule: 'stream-gives-up',
    resource: 'RelayOutboxEventSourceMappingDynamodbRegistryTable',
  },
  ...['AdvanceRollouts', 'CountMembers', 'FindSilence'].map(
    (name): PlantedFault => ({
      title: `a loop that Lambda ends at the 16th time: ${name}`,
      stack,
      plant: (template) => {
        delete template.Resources[`${name}LambdaFunction`].Properties.RecursiveLoop;
      },
      rule: 'loop-is-meant',
      resource: `${name}LambdaFunction`,
    }),
  ),
  {
    title: 'a function that may loop and has no reason to',
    stack,
    plant: (template) => {
      template.Resources.ApplyReportsLambdaFunction.Properties.RecursiveLoop = 'Allow';
    },
    rule: 'loop-is-meant',
    resource: 'ApplyReportsLambdaFunction',
  },
  {
    title: 'a mapping that is switched off',
    stack,
    plant: (template) => {
      template.Resources.ApplyReportsEventSourceMappingSQSReportsQueue.Properties.Enabled = false;
    },
    rule: 'mapping-is-on',
    resource: 'ApplyReportsEventSourceMappingSQSReportsQueue',
  },
  {
    title: 'a route that asks for no token',
    stack: 'telemetry-ingest',
    plant: (template) => {
      route(template).AuthorizationType = 'NONE';
    },
    rule: 'route-asks-for-token',
    resource: FAILURES_ROUTE,
  },
  {
    title: 'a route that asks for a token of somebody else',
    stack: 'telemetry-ingest',
    plant: (template) => {
      route(template).AuthorizerId = 'another';
    },
    rule: 'route-asks-for-token',
    resource: FAILURES_ROUTE,
  },
  {
    title: 'a route that goes past the alias',
    stack: 'telemetry-ingest',
    plant: (template) => {
      template.Resources.HttpApiIntegrationGetFailures.Properties.IntegrationUri = {
        'Fn::GetAtt': ['GetFailuresLambdaFunction', 'Arn'],
      };
    },
    rule: 'triggers-invoke-live',
    resource: 'GetFailuresLambdaFunction',
  },
];
