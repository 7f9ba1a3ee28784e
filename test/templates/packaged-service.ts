import { busNameOf, queueNameIn, tableNameIn } from '#host/serverless/arn-parts.ts';
import type { FunctionEvent } from '#host/serverless/function-event.ts';
import { resolveIntrinsics } from '#host/serverless/intrinsics.ts';
import { isRecord, type Json } from '#host/serverless/json.ts';
import { placeOfHome } from '#host/serverless/place.ts';
import { type Resources, readResources } from '#host/serverless/read-resources.ts';
import { Stack } from '#host/serverless/stack.ts';
import { mergeTemplate } from '#host/serverless/template.ts';
import { functionsIn, type PackagedFunction, templateIn } from '../../build/packaged-functions.ts';
import { capitalized, functionIdOf, type Resource } from '../../build/template.ts';
import { withoutQualifiers } from './without-qualifiers.ts';

/** Resources that the framework makes, for which the host has triggers, rights and a program of its own. */
const OF_THE_FRAMEWORK = /^(AWS::(Lambda|Events::Rule|Logs|ApiGatewayV2|IAM|CodeDeploy)|Custom::)/;
const DEPLOYMENT = /^ServerlessDeploymentBucket/;

/** A service as its packaged template says it is, in the words of the host's reader. */
export class PackagedService {
  readonly functions: readonly PackagedFunction[];
  readonly resources: readonly (readonly [logicalId: string, resource: Resource])[];
  readonly #stack: Stack;

  constructor(options: {
    readonly service: string;
    readonly folder: string;
    readonly stage: string;
    readonly imports: ReadonlyMap<string, string>;
  }) {
    const { service, folder, stage, imports } = options;
    const { Resources, Outputs = {} } = templateIn(folder);
    const all = withoutQualifiers(Resources);
    this.functions = functionsIn(folder);
    this.resources = Object.entries(all);
    const own = this.resources.filter(
      ([id, { Type }]) => !OF_THE_FRAMEWORK.test(Type) && !DEPLOYMENT.test(id),
    );
    const roles = this.resources.filter(([, { Type }]) => Type === 'AWS::IAM::Role');
    this.#stack = new Stack({
      service,
      place: placeOfHome(stage),
      functionKeys: this.functions.map(({ key }) => key),
      imports,
      template: mergeTemplate(service, { Resources: Object.fromEntries([...own, ...roles]), Outputs: {} }),
    });
    this.outputs = Outputs;
  }

  readonly outputs: Readonly<Record<string, unknown>>;

  /** Tables, queues, buckets and rules, as the host would read them from the template. */
  read(): Resources {
    return readResources(
      this.#stack,
      this.functions.map(({ key }) => key),
    );
  }

  /** The properties of all resources of a type, with names and ARNs as they are on one machine. */
  ofType(type: string): readonly Readonly<Record<string, Json>>[] {
    return this.resources
      .filter(([, resource]) => resource.Type === type)
      .map(([id, { Properties }]) => this.#record(id, Properties));
  }

  /** The properties of a function. */
  lambda(key: string): Readonly<Record<string, Json>> {
    const id = functionIdOf(key);
    const found = this.resources.find(([logicalId]) => logicalId === id);
    if (found === undefined) throw new Error(`the template has no ${id}`);
    const { Code: _code, Role: _role, ...properties } = found[1].Properties;
    return this.#record(id, properties);
  }

  /** The statements of a function's role, as IAM gets them. */
  statements(key: string): readonly Readonly<Record<string, Json>>[] {
    const id = `${capitalized(key)}IamRoleLambdaExecution`;
    const found = this.resources.find(([logicalId]) => logicalId === id);
    if (found === undefined) throw new Error(`the template has no ${id}`);
    const { Policies } = this.#record(id, { Policies: found[1].Properties.Policies });
    return (Policies as { PolicyDocument: { Statement: Record<string, Json>[] } }[]).flatMap(
      ({ PolicyDocument }) => PolicyDocument.Statement,
    );
  }

  /** What triggers a function, in the words of the host's reader, sorted. */
  triggers(key: string): string[] {
    const arn = this.#stack.attribute(functionIdOf(key), 'Arn') ?? '';
    const mappings = this.ofType('AWS::Lambda::EventSourceMapping')
      .filter(({ FunctionName }) => FunctionName === arn)
      .map(describeMapping);
    const rules = this.ofType('AWS::Events::Rule')
      .filter(({ Targets }) => JSON.stringify(Targets).includes(`"${arn}"`))
      .map(describeRule);
    const uploads = this.ofType('Custom::S3')
      .filter(({ FunctionName }) => arn.endsWith(`:${String(FunctionName)}`))
      .map(({ BucketName, BucketConfigs }) => `s3 ${String(BucketName)} ${JSON.stringify(BucketConfigs)}`);
    return [...mappings, ...rules, ...uploads, ...this.#routes(arn)].sort();
  }

  #routes(arn: string): string[] {
    const integrations = this.resources.filter(
      ([id, { Type, Properties }]) =>
        Type === 'AWS::ApiGatewayV2::Integration' &&
        this.#record(id, { IntegrationUri: Properties.IntegrationUri }).IntegrationUri === arn,
    );
    const isOurs = (route: Resource) =>
      integrations.some(([id]) => JSON.stringify(route.Properties.Target).includes(`"${id}"`));
    return this.resources
      .filter(([, resource]) => resource.Type === 'AWS::ApiGatewayV2::Route' && isOurs(resource))
      .map(([, { Properties }]) => `httpApi ${String(Properties.RouteKey)}`);
  }

  #record(id: string, properties: unknown): Readonly<Record<string, Json>> {
    const resolved = resolveIntrinsics(withoutApi(properties), this.#stack, this.#stack.refusing(id, ''));
    if (!isRecord(resolved)) throw new Error(`${id} has no properties`);
    return resolved as Readonly<Record<string, Json>>;
  }
}

/** An event of the host's reader in the same words as `PackagedService.triggers`. */
export function describeTrigger(event: FunctionEvent): string {
  switch (event.kind) {
    case 'httpApi':
      return `httpApi ${event.method} ${event.path}`;
    case 'schedule':
      return `schedule ${event.everySeconds}`;
    case 'sqs': {
      const { queueName, batchSize, batchingWindowSeconds, maximumConcurrency, reportsItemFailures } = event;
      return `sqs ${JSON.stringify([queueName, batchSize, batchingWindowSeconds, maximumConcurrency ?? 0, reportsItemFailures])}`;
    }
    case 'stream': {
      const {
        tableName,
        batchSize,
        batchingWindowSeconds,
        startingPosition,
        maximumRetryAttempts,
        filterPatterns,
      } = event;
      return `stream ${JSON.stringify([tableName, batchSize, batchingWindowSeconds, startingPosition, maximumRetryAttempts, filterPatterns, event.onFailureQueue ?? ''])}`;
    }
    case 'eventBridge': {
      const { busName, pattern, maximumEventAgeSeconds, maximumRetryAttempts, deadLetterQueue } = event;
      return `eventBridge ${JSON.stringify([busName, pattern, maximumEventAgeSeconds, maximumRetryAttempts, deadLetterQueue ?? ''])}`;
    }
    case 's3': {
      const rules = [
        ...(event.prefix === '' ? [] : [{ Prefix: event.prefix }]),
        ...(event.suffix === '' ? [] : [{ Suffix: event.suffix }]),
      ];
      return `s3 ${event.bucketName} ${JSON.stringify([{ Event: event.event, Rules: rules }])}`;
    }
  }
}

function describeMapping(mapping: Readonly<Record<string, Json>>): string {
  const source = String(mapping.EventSourceArn);
  if (source.includes(':sqs:')) {
    const scaling = isRecord(mapping.ScalingConfig) ? mapping.ScalingConfig.MaximumConcurrency : 0;
    const reports = JSON.stringify(mapping.FunctionResponseTypes) === '["ReportBatchItemFailures"]';
    return `sqs ${JSON.stringify([queueNameIn(source, never), mapping.BatchSize, mapping.MaximumBatchingWindowInSeconds ?? 0, scaling, reports])}`;
  }
  const filters = isRecord(mapping.FilterCriteria) ? mapping.FilterCriteria.Filters : [];
  const patterns = (filters as { Pattern: string }[]).map(({ Pattern }) => JSON.parse(Pattern));
  const destination = /"Destination":"([^"]+)"/.exec(JSON.stringify(mapping.DestinationConfig ?? {}))?.[1];
  const onFailure = destination === undefined ? '' : queueNameIn(destination, never);
  return `stream ${JSON.stringify([tableNameIn(source, never), mapping.BatchSize, mapping.MaximumBatchingWindowInSeconds ?? 0, mapping.StartingPosition, mapping.MaximumRetryAttempts, patterns, onFailure])}`;
}

function describeRule(rule: Readonly<Record<string, Json>>): string {
  const [, amount, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(String(rule.ScheduleExpression)) ?? [];
  if (amount !== undefined && unit !== undefined)
    return `schedule ${Number(amount) * { minute: 60, hour: 3600, day: 86_400 }[unit as 'minute']}`;
  const [target] = rule.Targets as {
    RetryPolicy: { MaximumEventAgeInSeconds: number; MaximumRetryAttempts: number };
    DeadLetterConfig?: { Arn: string };
  }[];
  const { MaximumEventAgeInSeconds, MaximumRetryAttempts } = target?.RetryPolicy ?? {};
  const dead = target?.DeadLetterConfig === undefined ? '' : queueNameIn(target.DeadLetterConfig.Arn, never);
  const bus = busNameOf(String(rule.EventBusName), never);
  return `eventBridge ${JSON.stringify([bus, rule.EventPattern, MaximumEventAgeInSeconds, MaximumRetryAttempts, dead])}`;
}

function never(rule: string): never {
  throw new Error(rule);
}

/** The API's id and the custom resource are made by AWS alone: nothing on one machine has their name. */
function withoutApi(properties: unknown): unknown {
  if (!isRecord(properties)) return properties;
  const { ApiId: _api, ServiceToken: _token, Target: _target, ...rest } = properties;
  return rest;
}
