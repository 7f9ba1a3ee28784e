import type { PolicyStatement } from '#host/rights/policy-statement.ts';
import type { Properties } from './properties.ts';

/** Reads IAM statements; what the host cannot enforce (`Condition`, `NotAction`, `NotResource`) is refused. */
export function readStatements(properties: Properties | undefined, name: string): PolicyStatement[] {
  return (properties?.sections(name) ?? []).map((statement) => {
    statement.ignore('Sid');
    return {
      effect: statement.has('Effect')
        ? statement.choice('Effect', ['Allow', 'Deny'])
        : statement.refusing('Effect')('is missing'),
      actions: atLeastOne(statement, 'Action'),
      resources: atLeastOne(statement, 'Resource'),
    };
  });
}

function atLeastOne(statement: Properties, name: string): readonly string[] {
  const texts = statement.texts(name, 'or-one');
  return texts.length > 0 ? texts : statement.refusing(name)('is missing');
}
