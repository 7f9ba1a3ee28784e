import {
  aliasIdOf,
  at,
  capitalized,
  functionIdOf,
  idIn,
  LIVE,
  ofType,
  type Resource,
  type Resources,
} from '../template.ts';

/** A tenth of the invocations for five minutes, then all. */
const CANARY = 'CodeDeployDefault.LambdaCanary10Percent5Minutes';
const ALL_AT_ONCE = 'CodeDeployDefault.LambdaAllAtOnce';
const APPLICATION = 'CanaryApplication';
const ROLE = 'CanaryRole';
const MANAGED_POLICY = 'iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited';

/** A function, and the alarms that stop its new version and bring the old one back. */
export interface Canary {
  readonly key: string;
  /** Logical ids; at most ten (CodeDeploy). */
  readonly alarms: readonly string[];
}

/**
 * Gives each function its alias `live`, which CodeDeploy moves to a new version step by step and back when an alarm of its own
 * goes off; or at once and watched by none. Throws for a function that has no version.
 */
export function liveAliases(
  resources: Resources,
  canaries: readonly Canary[],
  allAtOnce: boolean,
): Resources {
  if (canaries.length === 0) return {};
  const aliases = canaries.flatMap(({ key, alarms }) => {
    const groupId = `${capitalized(key)}CanaryGroup`;
    return [
      [aliasIdOf(key), alias(resources, key, groupId)],
      [groupId, deploymentGroup(alarms, allAtOnce)],
    ] as const;
  });
  return {
    [APPLICATION]: { Type: 'AWS::CodeDeploy::Application', Properties: { ComputePlatform: 'Lambda' } },
    [ROLE]: role,
    ...Object.fromEntries(aliases),
  };
}

function alias(resources: Resources, key: string, groupId: string): Resource {
  const functionId = functionIdOf(key);
  const version = ofType(resources, 'AWS::Lambda::Version').find(
    ([, { Properties }]) => idIn(Properties.FunctionName) === functionId,
  );
  if (version === undefined) throw new Error(`${functionId} has no version that an alias could name`);
  return {
    Type: 'AWS::Lambda::Alias',
    Properties: {
      Name: LIVE,
      FunctionName: { Ref: functionId },
      FunctionVersion: { 'Fn::GetAtt': [version[0], 'Version'] },
    },
    UpdatePolicy: {
      CodeDeployLambdaAliasUpdate: {
        ApplicationName: { Ref: APPLICATION },
        DeploymentGroupName: { Ref: groupId },
      },
    },
  };
}

function deploymentGroup(alarms: readonly string[], allAtOnce: boolean): Resource {
  return {
    Type: 'AWS::CodeDeploy::DeploymentGroup',
    Properties: {
      ApplicationName: { Ref: APPLICATION },
      ServiceRoleArn: { 'Fn::GetAtt': [ROLE, 'Arn'] },
      DeploymentConfigName: allAtOnce ? ALL_AT_ONCE : CANARY,
      DeploymentStyle: { DeploymentType: 'BLUE_GREEN', DeploymentOption: 'WITH_TRAFFIC_CONTROL' },
      AutoRollbackConfiguration: {
        Enabled: true,
        Events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM', 'DEPLOYMENT_STOP_ON_REQUEST'],
      },
      AlarmConfiguration: { Enabled: !allAtOnce, Alarms: alarms.map((id) => ({ Name: { Ref: id } })) },
    },
  };
}

/** The managed policy is the one that AWS keeps for deployments that move aliases, read alarms and do nothing else. */
const role: Resource = {
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { Service: 'codedeploy.amazonaws.com' }, Action: 'sts:AssumeRole' },
      ],
    },
    ManagedPolicyArns: [{ 'Fn::Join': [':', ['arn', { Ref: 'AWS::Partition' }, MANAGED_POLICY]] }],
  },
};

/**
 * IoT rules and their permissions are written in full (the framework's own event has no error action), and name the function:
 * here they come to name its alias, as the framework's events do already.
 */
export function aimedAtAlias(resources: Resources, keys: readonly string[]): Resources {
  const aliasOf = new Map(keys.map((key) => [functionIdOf(key), aliasIdOf(key)]));
  const aimed = (value: unknown): unknown => {
    const id = at(value, 'Fn::GetAtt', 1) === 'Arn' ? aliasOf.get(idIn(value) ?? '') : undefined;
    return id === undefined ? value : { Ref: id };
  };
  return Object.fromEntries(
    Object.entries(resources).map(([id, resource]) => [id, aimedResource(resource, aimed)]),
  );
}

function aimedResource(resource: Resource, aimed: (value: unknown) => unknown): Resource {
  const { Type, Properties } = resource;
  if (Type === 'AWS::IoT::TopicRule')
    return {
      ...resource,
      Properties: { ...Properties, TopicRulePayload: deep(Properties.TopicRulePayload, aimed) },
    };
  if (Type !== 'AWS::Lambda::Permission') return resource;
  return { ...resource, Properties: { ...Properties, FunctionName: aimed(Properties.FunctionName) } };
}

function deep(value: unknown, replace: (value: unknown) => unknown): unknown {
  const replaced = replace(value);
  if (replaced !== value || typeof value !== 'object' || value === null) return replaced;
  if (Array.isArray(value)) return value.map((item) => deep(item, replace));
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, deep(inner, replace)]));
}
