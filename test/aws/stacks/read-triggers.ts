import { isRecord, type Json } from '#host/serverless/json.ts';
import type { DeployedStack, Resolved } from './deployed-stack.ts';

/** A queue that feeds a function (`AWS::Lambda::EventSourceMapping`). */
export interface QueueMapping {
  readonly kind: 'queue';
  readonly functionArn: string;
  readonly sourceArn: string;
  readonly batchSize: number;
  readonly batchingWindowSeconds: number;
  readonly maximumConcurrency: number;
  readonly reportsItemFailures: boolean;
}

/** A change stream that feeds a function. */
export interface StreamMapping {
  readonly kind: 'stream';
  readonly functionArn: string;
  readonly sourceArn: string;
  readonly batchSize: number;
  readonly batchingWindowSeconds: number;
  readonly maximumRetryAttempts: number;
  readonly filterPatterns: readonly unknown[];
  readonly reportsItemFailures: boolean;
}

/** A rule of EventBridge with one function as its target: by the clock, or by a pattern. */
export interface EventRule {
  readonly arn: string;
  readonly targetArn: string;
  readonly busName: string;
  readonly pattern?: { readonly [key: string]: Json };
  readonly everySeconds?: number;
}

/** What a bucket tells a function of (`s3:` with `existing: true`: the framework's custom resource). */
export interface BucketNotification {
  readonly bucket: string;
  readonly functionName: string;
  readonly qualifier: string;
  readonly event: string;
  readonly prefix: string;
  readonly suffix: string;
}

/** A route of the HTTP API and the function behind it. */
export interface HttpRoute {
  readonly method: string;
  readonly path: string;
  readonly apiId: string;
  readonly functionArn: string;
}

/** Leave for a service of AWS to invoke a function (`AWS::Lambda::Permission`). */
export interface InvokePermission {
  readonly functionArn: string;
  readonly principal: string;
  readonly sourceArn?: string;
}

/** The event source mappings of a stack. */
export function readMappings(stack: DeployedStack): (QueueMapping | StreamMapping)[] {
  return stack.ofType('AWS::Lambda::EventSourceMapping').map(([, mapping]) => {
    const sourceArn = String(mapping.EventSourceArn);
    const shared = {
      functionArn: String(mapping.FunctionName),
      sourceArn,
      batchSize: Number(mapping.BatchSize),
    };
    return sourceArn.includes(':sqs:') ? queueMapping(shared, mapping) : streamMapping(shared, mapping);
  });
}

type Shared = Pick<QueueMapping, 'functionArn' | 'sourceArn' | 'batchSize'>;

function queueMapping(shared: Shared, mapping: Resolved): QueueMapping {
  const { ScalingConfig, FunctionResponseTypes, MaximumBatchingWindowInSeconds = 0 } = mapping;
  return {
    kind: 'queue',
    ...shared,
    batchingWindowSeconds: Number(MaximumBatchingWindowInSeconds),
    maximumConcurrency: isRecord(ScalingConfig) ? Number(ScalingConfig.MaximumConcurrency) : 1000,
    reportsItemFailures: reportsFailures(FunctionResponseTypes),
  };
}

function streamMapping(shared: Shared, mapping: Resolved): StreamMapping {
  const { FilterCriteria, FunctionResponseTypes, MaximumRetryAttempts = -1 } = mapping;
  const { MaximumBatchingWindowInSeconds = 0 } = mapping;
  const { Filters = [] } = (FilterCriteria ?? {}) as { Filters?: readonly { Pattern: string }[] };
  return {
    kind: 'stream',
    ...shared,
    batchingWindowSeconds: Number(MaximumBatchingWindowInSeconds),
    maximumRetryAttempts: Number(MaximumRetryAttempts),
    filterPatterns: Filters.map(({ Pattern }) => JSON.parse(Pattern)),
    reportsItemFailures: reportsFailures(FunctionResponseTypes),
  };
}

const reportsFailures = (types: Json | undefined): boolean =>
  [types].flat().includes('ReportBatchItemFailures');

const SECONDS_OF: Readonly<Record<string, number>> = { minute: 60, hour: 3_600, day: 86_400 };

interface Target {
  readonly Arn: string;
}

/** The EventBridge rules of a stack, one for each of their targets. */
export function readEventRules(stack: DeployedStack): EventRule[] {
  return stack.ofType('AWS::Events::Rule').flatMap(([logicalId, properties]) => {
    const { EventBusName = 'default', EventPattern, ScheduleExpression, Targets = [] } = properties;
    const [, amount = '', unit = ''] =
      /^rate\((\d+) (minute|hour|day)s?\)$/.exec(String(ScheduleExpression)) ?? [];
    const everySeconds = amount === '' ? undefined : Number(amount) * (SECONDS_OF[unit] ?? 0);
    return (Targets as unknown as readonly Target[]).map(
      ({ Arn }): EventRule => ({
        arn: stack.attribute(logicalId, 'Arn') ?? '',
        targetArn: Arn,
        busName: String(EventBusName).split('/').at(-1) ?? '',
        ...(isRecord(EventPattern) && { pattern: EventPattern as { [key: string]: Json } }),
        ...(everySeconds !== undefined && { everySeconds }),
      }),
    );
  });
}

/** What the buckets of a stack tell its functions of. */
export function readNotifications(stack: DeployedStack): BucketNotification[] {
  return stack
    .ofType('Custom::S3')
    .flatMap(([, { BucketName, FunctionName, FunctionQualifier = '$LATEST', BucketConfigs = [] }]) =>
      (
        BucketConfigs as unknown as readonly {
          Event: string;
          Rules: readonly Readonly<Record<string, string>>[];
        }[]
      ).map(({ Event, Rules }) => {
        const { Prefix = '', Suffix = '' } = Object.assign({}, ...Rules) as Record<string, string>;
        return {
          bucket: String(BucketName),
          functionName: String(FunctionName),
          qualifier: String(FunctionQualifier),
          event: Event,
          prefix: Prefix,
          suffix: Suffix,
        };
      }),
    );
}

/** The routes of a stack. */
export function readRoutes(stack: DeployedStack): HttpRoute[] {
  const integrations = new Map(stack.ofType('AWS::ApiGatewayV2::Integration'));
  return stack.ofType('AWS::ApiGatewayV2::Route').map(([, { RouteKey, Target, ApiId }]) => {
    const [method = '', path = ''] = String(RouteKey).split(' ');
    const integration = integrations.get(String(Target).replace('integrations/', ''));
    const functionArn = functionArnIn(String(integration?.IntegrationUri));
    return { method, path, apiId: String(ApiId), functionArn };
  });
}

/** An integration names a function by its ARN, or by API Gateway's address of it. */
function functionArnIn(uri: string): string {
  return /functions\/(arn:[^/]+)\/invocations/.exec(uri)?.[1] ?? uri;
}

/** Who may invoke the functions of a stack. */
export function readPermissions(stack: DeployedStack): InvokePermission[] {
  return stack.ofType('AWS::Lambda::Permission').map(([, { FunctionName, Principal, SourceArn }]) => ({
    functionArn: String(FunctionName),
    principal: String(Principal),
    ...(SourceArn !== undefined && { sourceArn: String(SourceArn) }),
  }));
}
