import { isRecord } from './json.ts';
import { UnsupportedResourceError } from './unsupported-resource-error.ts';

/** A resource as the template has it, its intrinsic functions not yet resolved. */
export interface TemplateResource {
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
  /** Name of the condition under which it exists. */
  readonly condition?: string;
}

/** The CloudFormation part of a service: all fragments under `resources` as one. */
export interface Template {
  readonly resources: ReadonlyMap<string, TemplateResource>;
  readonly outputs: ReadonlyMap<string, unknown>;
  readonly conditions: ReadonlyMap<string, unknown>;
  /** What parameters are unless somebody sets them, which nobody does on one machine. */
  readonly parameters: ReadonlyMap<string, string>;
}

/**
 * Merges the fragments of `resources:`. The same name in two fragments is refused, where the framework would mix the two;
 * so is every section that the host has no meaning for (`extensions`, `Mappings`, `Transform`), and a parameter without a default.
 */
export function mergeTemplate(service: string, resources: unknown): Template {
  const sections = { Resources: new Map(), Outputs: new Map(), Conditions: new Map(), Parameters: new Map() };
  const fragments = Array.isArray(resources) ? resources : [resources ?? {}];
  for (const fragment of fragments) {
    for (const [section, entries] of Object.entries(isRecord(fragment) ? fragment : {})) {
      if (section === 'Description' || section === 'AWSTemplateFormatVersion') continue;
      const target = Object.entries(sections).find(([name]) => name === section)?.[1];
      if (target === undefined)
        throw new UnsupportedResourceError(service, 'resources', section, 'is not supported');
      for (const [name, entry] of Object.entries(isRecord(entries) ? entries : {})) {
        if (target.has(name)) throw new UnsupportedResourceError(service, name, '', 'is there twice');
        target.set(name, READERS[section]?.(service, name, entry) ?? entry);
      }
    }
  }
  const { Resources, Outputs, Conditions, Parameters } = sections;
  return { resources: Resources, outputs: Outputs, conditions: Conditions, parameters: Parameters };
}

const READERS: Readonly<
  Record<string, (service: string, name: string, entry: unknown) => TemplateResource | string>
> = { Resources: resourceOf, Parameters: defaultOf };

function defaultOf(service: string, name: string, entry: unknown): string {
  if (isRecord(entry) && typeof entry.Default === 'string') return entry.Default;
  throw new UnsupportedResourceError(service, name, 'Default', 'must be a text');
}

function resourceOf(service: string, logicalId: string, entry: unknown): TemplateResource {
  if (!isRecord(entry) || typeof entry.Type !== 'string') {
    throw new UnsupportedResourceError(service, logicalId, 'Type', 'is missing');
  }
  return {
    type: entry.Type,
    properties: isRecord(entry.Properties) ? entry.Properties : {},
    ...(typeof entry.Condition === 'string' && { condition: entry.Condition }),
  };
}
