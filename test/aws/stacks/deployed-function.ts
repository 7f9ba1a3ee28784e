import path from 'node:path';
import type { PolicyStatement } from '#host/rights/policy-statement.ts';
import type { Json } from '#host/serverless/json.ts';
import { functionsIn, unpackInto } from '../../../build/packaged-functions.ts';
import { functionIdOf } from '../../../build/template.ts';
import type { DeployedStack, Resolved } from './deployed-stack.ts';

/** What becomes of an asynchronous invocation, as `AWS::Lambda::EventInvokeConfig` says it of one qualifier. */
export interface InvokeConfig {
  readonly maximumEventAgeSeconds: number;
  readonly maximumRetryAttempts: number;
  /** ARN of the queue that is told of an event that was given up. */
  readonly onFailureArn?: string;
}

/** A function as its packaged template makes it. */
export interface DeployedFunction {
  readonly service: string;
  readonly key: string;
  readonly name: string;
  readonly arn: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  readonly roleArn: string;
  /** The very bytes that would be uploaded, unpacked. */
  readonly bundleFile: string;
  /** By qualifier (`$LATEST`, an alias). */
  readonly invokeConfigs: ReadonlyMap<string, InvokeConfig>;
}

/** A role and what it may do. */
export interface DeployedRole {
  readonly service: string;
  readonly logicalId: string;
  readonly arn: string;
  readonly statements: readonly PolicyStatement[];
}

/** The functions of a stack; their bundles are unpacked into `bundles`. */
export function readFunctions(stack: DeployedStack, folder: string, bundles: string): DeployedFunction[] {
  const byId = new Map(stack.ofType('AWS::Lambda::Function'));
  const configs = stack.ofType('AWS::Lambda::EventInvokeConfig').map(([, properties]) => properties);
  return functionsIn(folder).map((packaged) => {
    const { key } = packaged;
    const properties = byId.get(functionIdOf(key));
    if (properties === undefined) throw new Error(`the template of ${stack.service} has no ${key}`);
    const file = unpackInto(path.join(bundles, stack.service, key), packaged);
    const name = String(properties.FunctionName);
    const { Variables = {} } = properties.Environment as { Variables?: Record<string, string> };
    const ofThis = configs.filter(
      ({ FunctionName }) => FunctionName === name || String(FunctionName).endsWith(`:${name}`),
    );
    return {
      service: stack.service,
      key,
      name,
      arn: stack.attribute(functionIdOf(key), 'Arn') ?? '',
      environment: Variables,
      timeoutSeconds: Number(properties.Timeout),
      memoryMegabytes: Number(properties.MemorySize),
      roleArn: String(properties.Role),
      bundleFile: file,
      invokeConfigs: new Map(ofThis.map((config) => [String(config.Qualifier), invokeConfigOf(config)])),
    };
  });
}

function invokeConfigOf(config: Resolved): InvokeConfig {
  const { MaximumEventAgeInSeconds = 21_600, MaximumRetryAttempts = 2, DestinationConfig } = config;
  const onFailure = (DestinationConfig as { OnFailure?: { Destination: string } } | undefined)?.OnFailure;
  return {
    maximumEventAgeSeconds: Number(MaximumEventAgeInSeconds),
    maximumRetryAttempts: Number(MaximumRetryAttempts),
    ...(onFailure !== undefined && { onFailureArn: onFailure.Destination }),
  };
}

/** The roles of a stack: those of its functions and of its IoT rules. */
export function readRoles(stack: DeployedStack): DeployedRole[] {
  return stack.ofType('AWS::IAM::Role').map(([logicalId, { Policies = [] }]) => ({
    service: stack.service,
    logicalId,
    arn: stack.attribute(logicalId, 'Arn') ?? '',
    statements: (Policies as readonly { PolicyDocument: { Statement: readonly Resolved[] } }[]).flatMap(
      ({ PolicyDocument }) => PolicyDocument.Statement.map(statementOf),
    ),
  }));
}

function statementOf({ Effect, Action, Resource }: Resolved): PolicyStatement {
  return {
    effect: Effect === 'Deny' ? 'Deny' : 'Allow',
    actions: textsOf(Action),
    resources: textsOf(Resource),
  };
}

const textsOf = (value: Json | undefined): string[] => [value ?? []].flat().map(String);
