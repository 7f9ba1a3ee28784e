/** A resource of a CloudFormation template, intrinsic functions as they stand there. */
export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly UpdatePolicy?: Readonly<Record<string, unknown>>;
}

/** Resources by logical id. */
export type Resources = Readonly<Record<string, Resource>>;

/** A CloudFormation template as far as packaging reads and completes it. */
export interface Template {
  readonly Resources: Resources;
  readonly Outputs?: Readonly<Record<string, unknown>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Parameters?: Readonly<Record<string, unknown>>;
}

/** The qualifier that every trigger invokes. */
export const LIVE = 'live';

/** The value at a path of names and positions; `undefined` where there is none. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, step) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, step) : undefined),
    value,
  );
}

/** A value that CloudFormation takes alone or as a list, as a list; nothing is an empty one. */
export function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** The logical id in a `Ref` or `Fn::GetAtt`; `undefined` for anything else. */
export function idIn(value: unknown): string | undefined {
  const id = at(value, 'Ref') ?? at(value, 'Fn::GetAtt', 0);
  return typeof id === 'string' ? id : undefined;
}

/** Resources of a type with their logical ids. */
export function ofType(resources: Resources, type: string): readonly (readonly [id: string, Resource])[] {
  return Object.entries(resources).filter(([, resource]) => resource.Type === type);
}

/** Logical id of a function, as the framework makes it: `checkForUpdate` -> `CheckForUpdateLambdaFunction`. */
export function functionIdOf(key: string): string {
  return `${capitalized(key)}LambdaFunction`;
}

/** Logical id of the alias that a function's triggers invoke. */
export function aliasIdOf(key: string): string {
  return `${capitalized(key)}LiveAlias`;
}

/** The key in a function's logical id: `CheckForUpdateLambdaFunction` -> `checkForUpdate`. */
export function keyOf(functionId: string): string {
  const name = functionId.replace(/LambdaFunction$/, '');
  return `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
}

/** A key at the beginning of a logical id: `checkForUpdate` -> `CheckForUpdate`. */
export function capitalized(key: string): string {
  return `${key.charAt(0).toUpperCase()}${key.slice(1)}`;
}

/** The function and qualifier that a trigger, permission or invoke configuration names. */
export interface Target {
  readonly functionId: string;
  readonly qualifier: string;
}

/** Without a qualifier a name means the function as it was uploaded last. */
const UNQUALIFIED = '$LATEST';

/**
 * Reads `!Ref` of an alias or a function, `!GetAtt` of a function's ARN, and that ARN joined with a qualifier (as the framework
 * writes it); `undefined` for what is no function of this template.
 */
export function targetOf(resources: Resources, value: unknown): Target | undefined {
  const joined = at(value, 'Fn::Join', 1);
  if (Array.isArray(joined)) {
    const [arn, qualifier, ...more] = joined;
    const functionId = idIn(arn);
    return at(value, 'Fn::Join', 0) === ':' &&
      functionId !== undefined &&
      typeof qualifier === 'string' &&
      more.length === 0
      ? { functionId, qualifier }
      : undefined;
  }
  const id = idIn(value);
  const resource = id === undefined ? undefined : resources[id];
  if (id === undefined || resource === undefined) return undefined;
  if (resource.Type === 'AWS::Lambda::Function') return { functionId: id, qualifier: UNQUALIFIED };
  if (resource.Type !== 'AWS::Lambda::Alias') return undefined;
  const functionId = idIn(resource.Properties.FunctionName);
  return functionId === undefined ? undefined : { functionId, qualifier: String(resource.Properties.Name) };
}
