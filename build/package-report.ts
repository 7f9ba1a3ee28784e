import { weigh } from './budget.ts';
import { checkStack } from './gate/check-stacks.ts';
import { type Finding, lineOf } from './gate/finding.ts';
import type { PackagedStack } from './package-stacks.ts';
import { functionsIn, templateIn } from './packaged-functions.ts';

/** A function as it would be deployed. */
export interface FunctionReport {
  readonly key: string;
  readonly triggers: readonly string[];
  /** Of 1,024 bytes. */
  readonly kilobytes: number;
  readonly budgetKilobytes: number;
}

/** A stack as it would be deployed, and what speaks against it. */
export interface StackReport {
  /** `platform`, or the service's folder. */
  readonly name: string;
  readonly seconds: number;
  /** Of its template; 0 when it was not packaged. */
  readonly resources: number;
  readonly functions: readonly FunctionReport[];
  /** What the framework complained of. */
  readonly complaints: readonly string[];
  readonly findings: readonly Finding[];
}

/** Looks through a packaged stack: sizes of bundles, and the gate over its template. One that was not packaged is not looked at. */
export function reportOn({ name, folder, complaints, seconds }: PackagedStack, region: string): StackReport {
  if (complaints.length > 0) return { name, seconds, resources: 0, functions: [], complaints, findings: [] };
  const functions = functionsIn(folder).map(({ key, triggers, bundle }) => {
    const { kilobytes, budget } = weigh(name, key, bundle);
    return { key, triggers, kilobytes: Math.ceil(kilobytes), budgetKilobytes: budget };
  });
  const resources = Object.keys(templateIn(folder).Resources).length;
  return { name, seconds, resources, functions, complaints, findings: checkStack(name, folder, region) };
}

/** All that speaks against deploying these stacks, a line each. */
export function faultsOf(stacks: readonly StackReport[]): string[] {
  return stacks.flatMap(({ name, complaints, functions, findings }) => [
    ...complaints.map((complaint) => `${name}: ${complaint}`),
    ...functions
      .filter(({ kilobytes, budgetKilobytes }) => kilobytes > budgetKilobytes)
      .map(
        ({ key, kilobytes, budgetKilobytes }) =>
          `${name}: the bundle of ${key} has ${kilobytes} KB, and may have ${budgetKilobytes}: find what came into it, or allow it with --accept-sizes`,
      ),
    ...findings.map(lineOf),
  ]);
}
