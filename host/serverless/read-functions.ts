import path from 'node:path';
import type { PolicyStatement } from '#host/rights/policy-statement.ts';
import { type IntegerRule, Properties } from './properties.ts';
import { readEvents } from './read-events.ts';
import { readFailureQueue } from './read-failure-queue.ts';
import { readStatements } from './read-statements.ts';
import type { AsynchronousInvocation, FunctionDefinition } from './service-definition.ts';
import { functionLogicalId, functionNameOf, type Stack } from './stack.ts';

/** What a function's file may say that has no meaning on one machine. */
const WITHOUT_MEANING = [
  ...[
    'architecture',
    'condition',
    'dependsOn',
    'description',
    'iamRoleStatementsName',
    'kmsKeyArn',
    'layers',
  ],
  ...[
    'logRetentionInDays',
    'logs',
    'package',
    'provisionedConcurrency',
    'recursiveLoop',
    'runtime',
    'tags',
    'tracing',
    'versionFunction',
  ],
];

/** The parts of a service's `serverless.yml` that concern functions. */
export interface FunctionSources {
  /** Absolute path of the folder of `serverless.yml`. */
  readonly folder: string;
  readonly functions: Readonly<Record<string, unknown>>;
  readonly provider: unknown;
  /** Whether functions with statements of their own get the provider's as well. */
  readonly inheritsStatements: boolean;
}

/** Reads the functions of a service; throws `UnsupportedResourceError` for a setting that the host does not have. */
export function readFunctions(stack: Stack, sources: FunctionSources): FunctionDefinition[] {
  return Object.entries(sources.functions).map(([key, settings]) => {
    const provider = new Properties(stack, 'provider', sources.provider ?? {});
    const properties = new Properties(stack, key, settings);
    properties.ignore(...WITHOUT_MEANING);
    const read = {
      key,
      name: functionNameOf(stack.service, stack.place.stage, key),
      arn: stack.attribute(functionLogicalId(key), 'Arn') ?? '',
      handlerFile: path.join(sources.folder, handlerOf(properties)),
      environment: { ...readEnvironment(provider), ...readEnvironment(properties) },
      timeoutSeconds: setting(properties, provider, 'timeout', { min: 1, max: 900, otherwise: 6 }),
      memoryMegabytes: setting(properties, provider, 'memorySize', {
        min: 128,
        max: 10_240,
        otherwise: 1024,
      }),
      ...(properties.has('reservedConcurrency') && {
        reservedConcurrency: properties.integer('reservedConcurrency', { min: 0, max: 100_000 }),
      }),
      statements: statementsOf(properties, provider, sources.inheritsStatements),
      events: readEvents(properties),
      asynchronous: readAsynchronous(properties),
    };
    properties.end();
    return read;
  });
}

/** A function's own setting, or else the provider's. */
function setting(own: Properties, provider: Properties, name: string, rule: IntegerRule): number {
  return own.has(name) ? own.integer(name, rule) : provider.integer(name, rule);
}

/** `functions/check-for-update/handler.handler` -> its file; the folder must be the kebab-case of the key. */
function handlerOf(properties: Properties): string {
  const handler = properties.text('handler');
  const [, file, folder] = /^(functions\/([a-z0-9-]+)\/handler)\.handler$/.exec(handler) ?? [];
  const key = folder?.replace(/-([a-z0-9])/g, (_dash, letter: string) => letter.toUpperCase());
  if (file === undefined || key !== properties.owner) {
    return properties.refusing('handler')(
      `is ${handler}, and must be functions/<kebab-case of ${properties.owner}>/handler.handler`,
    );
  }
  return `${file}.ts`;
}

function readEnvironment(properties: Properties): Record<string, string> {
  const environment = properties.section('environment');
  if (environment === undefined) return {};
  return Object.fromEntries(environment.names().map((name) => [name, environment.scalar(name)]));
}

/** As serverless-iam-roles-per-function: a function without statements of its own keeps the provider's role. */
function statementsOf(
  properties: Properties,
  provider: Properties,
  inheritsStatements: boolean,
): PolicyStatement[] {
  const own = readStatements(properties, 'iamRoleStatements');
  const inherits = properties.has('iamRoleStatementsInherit')
    ? properties.flag('iamRoleStatementsInherit')
    : inheritsStatements || !properties.has('iamRoleStatements');
  if (!inherits) return own;
  return [...own, ...readStatements(provider.section('iam')?.section('role'), 'statements')];
}

/** Lambda's event invoke configuration: six hours and two retries unless told. */
function readAsynchronous(properties: Properties): AsynchronousInvocation {
  const onFailure = readFailureQueue(properties);
  return {
    maximumEventAgeSeconds: properties.integer('maximumEventAge', {
      min: 60,
      max: 21_600,
      otherwise: 21_600,
    }),
    maximumRetryAttempts: properties.integer('maximumRetryAttempts', { min: 0, max: 2, otherwise: 2 }),
    ...(onFailure !== undefined && { onFailureQueue: onFailure }),
  };
}
