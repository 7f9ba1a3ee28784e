import { LIVE, type Resource, type Resources, targetOf } from '../../build/template.ts';

/**
 * The template as if triggers named functions and not their aliases: on one machine there are no versions, so that this is the one
 * thing in which the two homes differ on purpose. A target with another qualifier stays, and is found to differ.
 */
export function withoutQualifiers(resources: Resources): Resources {
  const unqualified = (value: unknown): unknown => {
    const target = targetOf(resources, value);
    if (target?.qualifier === LIVE) return { 'Fn::GetAtt': [target.functionId, 'Arn'] };
    if (Array.isArray(value)) return value.map(unqualified);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([name, inner]) => !(name === 'FunctionQualifier' && inner === LIVE))
        .map(([name, inner]) => [name, unqualified(inner)]),
    );
  };
  return Object.fromEntries(
    Object.entries(resources).map(([id, resource]): [string, Resource] => [
      id,
      { ...resource, Properties: Object(unqualified(resource.Properties)) },
    ]),
  );
}
