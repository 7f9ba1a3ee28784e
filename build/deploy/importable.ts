import { DeployError } from './deploy-error.ts';
import { TemplateValues } from './resolve-value.ts';
import type { StackPlace, StackResource, StackTemplate } from './stack-template.ts';

/** How CloudFormation identifies a resource of a type that may outlive its stack (`primaryIdentifier` of its schema). */
export interface Identity {
  /** Name of the identifier. The physical id is its value, for all these types. */
  readonly identifier: string;
  /** Property with the name that we give; absent where AWS invents the identifier. */
  readonly nameProperty?: string;
}

/** Types whose resources may be there before their stack is, by what is known of each. */
export const IDENTITIES = {
  'AWS::DynamoDB::Table': { identifier: 'TableName', nameProperty: 'TableName' },
  'AWS::S3::Bucket': { identifier: 'BucketName', nameProperty: 'BucketName' },
  'AWS::Cognito::UserPool': { identifier: 'UserPoolId' },
  // Certificates of devices are attached to it, and AWS IoT removes no policy that has a holder.
  'AWS::IoT::Policy': { identifier: 'Id', nameProperty: 'PolicyName' },
  // A function that logs its last line after its log group was removed brings the group back.
  'AWS::Logs::LogGroup': { identifier: 'LogGroupName', nameProperty: 'LogGroupName' },
} as const satisfies Readonly<Record<string, Identity>>;
export type ImportableType = keyof typeof IDENTITIES;

/** A resource that may be there although no stack has it. */
export interface Importable {
  readonly logicalId: string;
  readonly type: ImportableType;
  /** Name or identifier under which AWS knows it. */
  readonly physicalId: string;
}

/** Types that keep nothing: a version of a function goes with its function, whatever its policy says. */
const HOLDS_NO_DATA: readonly string[] = ['AWS::Lambda::Version'];

/** Whether a resource stays when its stack goes. */
export function isKept({ Type, DeletionPolicy }: StackResource): boolean {
  return /^Retain/.test(DeletionPolicy ?? '') && !HOLDS_NO_DATA.includes(Type);
}

/**
 * The resources of a template that may be there already, with the names that they have: those that have a name of ours, and
 * those whose identifier was written down in `recorded` (by logical id) when the stack was there. Throws `DeployError` for a
 * resource that is kept and that nobody could bring back, because its type is not among `IDENTITIES`.
 */
export function importablesIn(
  template: StackTemplate,
  place: StackPlace,
  recorded: Readonly<Record<string, string>>,
): Importable[] {
  const values = new TemplateValues(template, place);
  return Object.entries(template.Resources).flatMap(([logicalId, resource]) => {
    const { Type: type, Properties = {} } = resource;
    if (!isImportable(type)) {
      if (!isKept(resource)) return [];
      throw new DeployError(
        `${logicalId} is kept when its stack is removed, and a ${type} could not be brought back after that`,
        'Add its type to build/deploy/importable.ts, or give it DeletionPolicy: Delete.',
      );
    }
    if (!values.exists(resource)) return [];
    const { nameProperty }: Identity = IDENTITIES[type];
    const physicalId =
      nameProperty === undefined ? recorded[logicalId] : values.text(Properties[nameProperty]);
    return physicalId === undefined ? [] : [{ logicalId, type, physicalId }];
  });
}

/**
 * A template that brings `found` under a stack: what the stack has already (`current`, nothing for a new one) and the found
 * resources. An import may add nothing else, wants a deletion policy on each, and can refer to nothing that is not there yet:
 * properties that do are left to the update that follows.
 */
export function importTemplate(
  template: StackTemplate,
  current: StackTemplate | undefined,
  found: readonly Importable[],
): StackTemplate {
  const imported = found.map(({ logicalId }) => {
    const {
      Condition: _condition,
      DependsOn: _order,
      ...resource
    } = template.Resources[logicalId] ?? { Type: '' };
    const properties = Object.entries(resource.Properties ?? {}).filter(
      ([, value]) => !refersToOthers(value),
    );
    const DeletionPolicy = resource.DeletionPolicy ?? 'Delete';
    return [logicalId, { ...resource, DeletionPolicy, Properties: Object.fromEntries(properties) }] as const;
  });
  const base = current ?? { AWSTemplateFormatVersion: '2010-09-09', Resources: {} };
  return { ...base, Resources: { ...base.Resources, ...Object.fromEntries(imported) } };
}

/** Whether a type is one that may be brought under a stack. */
export function isImportable(type: string): type is ImportableType {
  return Object.hasOwn(IDENTITIES, type);
}

function refersToOthers(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(refersToOthers);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, inner]) => {
    if (name === 'Ref') return !String(inner).startsWith('AWS::');
    if (name === 'Fn::Sub') return /\$\{(?!!|AWS::)/.test(JSON.stringify(inner));
    return ['Fn::GetAtt', 'Fn::If', 'Fn::ImportValue'].includes(name) || refersToOthers(inner);
  });
}
