import type { PolicyStatement } from '#host/rights/policy-statement.ts';
import type { Decide } from './function-rights.ts';

/** Interim: replaced by host/rights. */
export function compileStatements(statements: readonly PolicyStatement[]): Decide {
  const compiled = statements.map(({ effect, actions, resources }) => ({
    effect,
    actions: actions.map(wild),
    resources: resources.map(wild),
  }));
  return (action, arn) => {
    const fitting = compiled.filter(
      (one) =>
        one.actions.some((pattern) => pattern.test(action)) &&
        one.resources.some((pattern) => pattern.test(arn)),
    );
    return fitting.length > 0 && fitting.every(({ effect }) => effect === 'Allow');
  };
}

function wild(pattern: string): RegExp {
  return new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    's',
  );
}
