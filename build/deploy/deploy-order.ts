import { DeployError } from './deploy-error.ts';
import type { StackTemplate } from './stack-template.ts';

/** A packaged stack by the name that CloudFormation gets. */
export interface Ordered {
  readonly name: string;
  readonly template: StackTemplate;
}

/**
 * The stacks in an order in which each finds what it imports: exporters first, otherwise by name. Throws `DeployError` for an
 * import that no stack exports, and for stacks that import from each other.
 */
export function inDeployOrder<T extends Ordered>(stacks: readonly T[]): T[] {
  const exporter = new Map(stacks.flatMap((stack) => exportsOf(stack).map((name) => [name, stack] as const)));
  const waiting = [...stacks].sort((one, other) => one.name.localeCompare(other.name));
  const ordered: T[] = [];
  while (waiting.length > 0) {
    const next = waiting.findIndex((stack) =>
      importsOf(stack).every((name) => {
        const from = exporter.get(name);
        if (from === undefined)
          throw new DeployError(`${stack.name} imports ${name}, which no stack exports`);
        return from === stack || ordered.includes(from);
      }),
    );
    if (next < 0)
      throw new DeployError(`${waiting.map(({ name }) => name).join(', ')} import from each other`);
    ordered.push(...waiting.splice(next, 1));
  }
  return ordered;
}

function exportsOf({ template }: Ordered): string[] {
  return [...JSON.stringify(template.Outputs ?? {}).matchAll(/"Export":\{"Name":"([^"]+)"\}/g)].map(
    ([, name = '']) => name,
  );
}

function importsOf({ template }: Ordered): string[] {
  return [...JSON.stringify(template.Resources).matchAll(/"Fn::ImportValue":"([^"]+)"/g)].map(
    ([, name = '']) => name,
  );
}
