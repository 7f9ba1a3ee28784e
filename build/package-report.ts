import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { weigh } from './budget.ts';
import { checkStack } from './gate/check-stacks.ts';
import { type Finding, lineOf } from './gate/finding.ts';
import { committedKept } from './kept/committed.ts';
import { keptIn } from './kept/kept.ts';
import { changesSince } from './kept/kept-changes.ts';
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

/** What a run of packaging came to. */
export interface PackageReport {
  readonly stage: string;
  readonly region: string;
  /** Folder of the packaged stacks. */
  readonly out: string;
  readonly stacks: readonly StackReport[];
  /** All that speaks against deploying them, a line each. */
  readonly faults: readonly string[];
}

/** Name of the report in the folder of the packaged stacks. */
export const REPORT_FILE = 'report.json';

/** Looks through all packaged stacks. */
export function reportOnAll(
  packaged: readonly PackagedStack[],
  place: Pick<PackageReport, 'stage' | 'region' | 'out'>,
): PackageReport {
  const stacks = packaged.map((stack) => reportOn(stack, place));
  return { ...place, stacks, faults: faultsOf(stacks) };
}

/** Keeps a report beside what it is about: the last thing that packaging does. */
export function writeReport(report: PackageReport): void {
  writeFileSync(path.join(report.out, REPORT_FILE), JSON.stringify(report, null, 2));
}

/** Forgets the report of an earlier run: what is packaged from now on is something else. */
export function forgetReport(out: string): void {
  rmSync(path.join(out, REPORT_FILE), { force: true });
}

/**
 * Looks through a packaged stack: sizes of bundles, the gate over its template, and what stages already have. One that was not packaged is
 * not looked at.
 */
function reportOn(
  { name, folder, complaints, seconds }: PackagedStack,
  { stage, region }: Pick<PackageReport, 'stage' | 'region'>,
): StackReport {
  if (complaints.length > 0) return { name, seconds, resources: 0, functions: [], complaints, findings: [] };
  const functions = functionsIn(folder).map(({ key, triggers, bundle }) => {
    const { kilobytes, budget } = weigh(name, key, bundle);
    return { key, triggers, kilobytes: Math.ceil(kilobytes), budgetKilobytes: budget };
  });
  const template = templateIn(folder);
  const kept = changesSince(committedKept()[name], keptIn(template, stage));
  const findings = [...checkStack(name, folder, region), ...kept.map((fault) => ({ stack: name, ...fault }))];
  return {
    ...{ name, seconds, functions, complaints, findings },
    resources: Object.keys(template.Resources).length,
  };
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
