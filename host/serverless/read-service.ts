import path from 'node:path';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { isRecord } from './json.ts';
import type { Place } from './place.ts';
import { readFunctions } from './read-functions.ts';
import { readResources } from './read-resources.ts';
import type { CounterAlarm, ServiceDefinition } from './service-definition.ts';
import { Stack } from './stack.ts';
import { mergeTemplate } from './template.ts';
import { readWithVariables } from './variables.ts';

/** Where a service is, where it is deployed, and what it may import. */
export interface ReadServiceOptions {
  /** Folder of the `serverless.yml`. */
  readonly folder: string;
  readonly place: Place;
  /** `${param:x}`; none unless told. */
  readonly params?: Readonly<Record<string, string>>;
  /** Exports of other stacks, by name; none unless told. */
  readonly imports?: ReadonlyMap<string, string>;
}

/** Sections that the framework needs and the host does not. */
const WITHOUT_MEANING = [
  'build',
  'configValidationMode',
  'custom',
  'frameworkVersion',
  'package',
  'plugins',
  'useDotenv',
];

/**
 * Reads a service's `serverless.yml` and all the files that it includes, with variables and intrinsic functions resolved.
 * Throws `ConfigurationError` for a file or variable that cannot be read, and `UnsupportedResourceError` for what the host
 * does not support.
 */
export function readService({
  folder,
  place,
  params = {},
  imports = new Map(),
}: ReadServiceOptions): ServiceDefinition {
  const file = path.resolve(folder, 'serverless.yml');
  const { stage, region } = place;
  const config = readWithVariables(file, { stage, params, options: { stage, region } });
  if (!isRecord(config)) throw new ConfigurationError(`${file} must be an object`);
  const { service, provider, functions = {}, resources, custom, ...others } = config;
  if (typeof service !== 'string') throw new ConfigurationError(`${file}: service must be a text`);
  if (!isRecord(functions)) throw new ConfigurationError(`${file}: functions must be an object`);
  const unknown = Object.keys(others).find((name) => !WITHOUT_MEANING.includes(name));
  if (unknown !== undefined) throw new ConfigurationError(`${file}: ${unknown} is not supported`);

  const functionKeys = Object.keys(functions);
  const stack = new Stack({
    service,
    place,
    functionKeys,
    imports,
    template: mergeTemplate(service, resources),
  });
  return {
    name: service,
    folder: path.dirname(file),
    place,
    functions: readFunctions(stack, {
      folder: path.dirname(file),
      functions,
      provider,
      inheritsStatements: inheritsStatements(custom),
    }),
    ...readResources(stack, functionKeys),
    alarms: readAlarms(custom, file),
    exports: stack.exports(),
  };
}

/** `custom: { serverless-iam-roles-per-function: { defaultInherit: true } }`. */
function inheritsStatements(custom: unknown): boolean {
  const plugin = isRecord(custom) ? custom['serverless-iam-roles-per-function'] : undefined;
  return isRecord(plugin) && plugin.defaultInherit === true;
}

/** Reads `custom.alarms`, which lists the counters that must not rise. Throws `ConfigurationError` for an entry that is none. */
function readAlarms(custom: unknown, file: string): CounterAlarm[] {
  const alarms = isRecord(custom) ? (custom.alarms ?? []) : [];
  if (!Array.isArray(alarms)) throw new ConfigurationError(`${file}: custom.alarms must be a list`);
  return alarms.map((alarm: unknown, at) => {
    const { metric, minutes, description } = isRecord(alarm) ? alarm : {};
    if (typeof metric === 'string' && typeof minutes === 'number' && typeof description === 'string')
      return { metric, minutes, description };
    throw new ConfigurationError(`${file}: custom.alarms[${at}] must have metric, minutes and description`);
  });
}
