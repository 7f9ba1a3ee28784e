import { conditionHolds, type Refuse, resolveIntrinsics, type StackScope } from './intrinsics.ts';
import { isRecord } from './json.ts';
import type { Place } from './place.ts';
import { identityOf, type ResourceIdentity } from './resource-identity.ts';
import { NAME_PROPERTY } from './resource-types.ts';
import type { Template, TemplateResource } from './template.ts';
import { UnsupportedResourceError } from './unsupported-resource-error.ts';

/** What names a stack and what it may see of others. */
export interface StackOptions {
  readonly service: string;
  readonly place: Place;
  readonly template: Template;
  readonly functionKeys: readonly string[];
  /** Exports of other stacks, by name. */
  readonly imports: ReadonlyMap<string, string>;
}

/** Physical name of a function, as the framework makes it. */
export const functionNameOf = (service: string, stage: string, key: string): string =>
  `${service}-${stage}-${key}`;

/** Logical id of a function, as the framework makes it: `checkForUpdate` -> `CheckForUpdateLambdaFunction`. */
export const functionLogicalId = (key: string): string =>
  `${key.charAt(0).toUpperCase()}${key.slice(1)}LambdaFunction`;

/** The names of one stack, for its intrinsic functions. */
export class Stack implements StackScope {
  readonly service: string;
  readonly place: Place;
  readonly #options: StackOptions;
  readonly #pseudo: Readonly<Record<string, string>>;
  readonly #identities = new Map<string, ResourceIdentity | undefined>();

  constructor(options: StackOptions) {
    const { service, place, functionKeys } = options;
    this.service = service;
    this.place = place;
    this.#options = options;
    this.#pseudo = {
      'AWS::AccountId': place.accountId,
      'AWS::Partition': place.partition,
      'AWS::Region': place.region,
      'AWS::StackName': `${service}-${place.stage}`,
      'AWS::URLSuffix': 'amazonaws.com',
    };
    for (const key of functionKeys) {
      const name = functionNameOf(service, place.stage, key);
      this.#identities.set(functionLogicalId(key), identityOf('AWS::Lambda::Function', name, place));
    }
  }

  /** The resources that exist: those whose condition holds, or that have none. */
  resources(): [logicalId: string, resource: TemplateResource][] {
    return [...this.#options.template.resources].filter(
      ([logicalId, { condition }]) =>
        condition === undefined || conditionHolds(condition, this, this.refusing(logicalId, 'Condition')),
    );
  }

  /** Refuses a property of a resource or function of this stack. */
  refusing(resource: string, property: string): Refuse {
    return (rule) => {
      throw new UnsupportedResourceError(this.service, resource, property, rule);
    };
  }

  /** Refuses unless there is a text under that name property: a name that AWS invents could not be known elsewhere. */
  nameOf(logicalId: string, { type, properties }: TemplateResource): string {
    const property = NAME_PROPERTY[type];
    if (property === undefined) return `${this.service}-${this.place.stage}-${logicalId}`;
    const refuse = this.refusing(logicalId, property);
    if (properties[property] === undefined)
      return refuse('is missing: a resource of that type must have a name');
    const name = resolveIntrinsics(properties[property], this, refuse);
    return typeof name === 'string' ? name : refuse('must be a text');
  }

  ref(logicalId: string): string | undefined {
    if (Object.hasOwn(this.#pseudo, logicalId)) return this.#pseudo[logicalId];
    return this.#options.template.parameters.get(logicalId) ?? this.#identity(logicalId)?.ref;
  }

  attribute(logicalId: string, attribute: string): string | undefined {
    const attributes = this.#identity(logicalId)?.attributes ?? {};
    return Object.hasOwn(attributes, attribute) ? attributes[attribute] : undefined;
  }

  imported(exportName: string): string | undefined {
    return this.#options.imports.get(exportName);
  }

  condition(name: string): unknown {
    return this.#options.template.conditions.get(name);
  }

  /** What the stack exports for others, by export name. */
  exports(): ReadonlyMap<string, string> {
    const exported = new Map<string, string>();
    for (const [name, output] of this.#options.template.outputs) {
      if (!isRecord(output) || output.Export === undefined) continue;
      const refuse = this.refusing('Outputs', name);
      const value = resolveIntrinsics(output.Value, this, refuse);
      const exportedAs = resolveIntrinsics(output.Export, this, refuse);
      const exportName = isRecord(exportedAs) ? exportedAs.Name : undefined;
      if (typeof value !== 'string' || typeof exportName !== 'string') {
        return refuse('must have a text as Value and as Export.Name');
      }
      exported.set(exportName, value);
    }
    return exported;
  }

  #identity(logicalId: string): ResourceIdentity | undefined {
    if (this.#identities.has(logicalId)) return this.#identities.get(logicalId);
    const resource = this.#options.template.resources.get(logicalId);
    if (resource === undefined) return undefined;
    // A name that refers to itself finds nothing here and is refused, instead of going round for ever.
    this.#identities.set(logicalId, undefined);
    const identity = identityOf(resource.type, this.nameOf(logicalId, resource), this.place);
    this.#identities.set(logicalId, identity);
    return identity;
  }
}
