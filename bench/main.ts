import { writeFileSync } from 'node:fs';
import { exitCodeOf, failureText } from '#shared/program/failure-text.ts';
import { documentPart, requireDocumentable } from './document/document-part.ts';
import { machineNow } from './measure/machine.ts';
import { cpuOfAll, cpuOfOwn } from './measure/process-usage.ts';
import { type PartFigures, printMachine, printPart } from './print/print-figures.ts';
import { HELP, readOptions } from './read-options.ts';
import type { BenchRun } from './sections/bench-run.ts';
import { type Part, SECTIONS } from './sections/parts.ts';

async function main(): Promise<void> {
  const { help, sections, run, document, jsonFile, given } = readOptions();
  if (help) {
    process.stdout.write(HELP);
    return;
  }
  const machine = machineNow(run.parent);
  if (document) requireDocumentable(machine, run);
  const all: PartFigures[] = [];
  for (const section of sections) {
    for (const part of SECTIONS[section]?.(run) ?? []) {
      const measured = await measurePart(part, run);
      all.push(measured);
      process.stdout.write(printPart(measured));
      // After each, so that a long run that is stopped has told what it measured.
      if (document) documentPart(measured, machine, `npm run bench -- --only ${section}${given}`);
      if (jsonFile !== undefined)
        writeFileSync(jsonFile, `${JSON.stringify({ machine, parts: all }, undefined, 2)}\n`);
    }
  }
  process.stdout.write(printMachine(machine));
}

async function measurePart({ name, measure }: Part, run: BenchRun): Promise<PartFigures> {
  const [fromMs, allMs, ownMs] = [performance.now(), cpuOfAll(), cpuOfOwn()];
  const figures = await measure(run);
  const tookMs = performance.now() - fromMs;
  // Every program that a part starts has ended with it.
  const othersMs = Math.max(0, cpuOfAll() - allMs - (cpuOfOwn() - ownMs));
  return { name, seconds: tookMs / 1000, otherCores: othersMs / tookMs, figures };
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
main().catch((error: unknown) => {
  process.stderr.write(failureText('bench', error));
  process.exit(exitCodeOf(error));
});
