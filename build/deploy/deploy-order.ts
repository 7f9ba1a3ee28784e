import { DeployError } from './deploy-error.ts';
import type { StackTemplate } from './stack-template.ts';

/** A packaged stack by the name that CloudFormation gets. */
export interface Ordered {
  readonly name: string;
  readonly template: StackTemplate;
}

/**
 * Who hears others is there before them, and goes after them: the bus drops an event that no rule is there for, and a queue that is not
 * there takes nothing. firmware-storage hears the orchestrator only where that answers it.
 */
const HEARERS_FIRST = ['telemetry-ingest', 'rollout-orchestrator', 'firmware-storage', 'device-registry'];

/** Names of services, or of their stacks: those that hear others before these, any more by name. */
export function inHearingOrder(names: readonly string[]): string[] {
  const placeOf = (name: string): number => {
    const at = HEARERS_FIRST.findIndex((service) => name === service || name.startsWith(`${service}-`));
    return at < 0 ? HEARERS_FIRST.length : at;
  };
  return names.toSorted((one, other) => placeOf(one) - placeOf(other) || one.localeCompare(other));
}

/**
 * The stacks in an order in which each finds what it imports, exporters first, and hears what others tell. Throws `DeployError` for an
 * import that no stack exports, and for stacks that import from each other.
 */
export function inDeployOrder<T extends Ordered>(stacks: readonly T[]): T[] {
  const exporter = new Map(stacks.flatMap((stack) => exportsOf(stack).map((name) => [name, stack] as const)));
  const byName = new Map(stacks.map((stack) => [stack.name, stack]));
  const waiting = inHearingOrder([...byName.keys()]).flatMap((name) => byName.get(name) ?? []);
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
