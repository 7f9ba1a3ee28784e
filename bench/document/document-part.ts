import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ConfigurationError } from '#shared/errors/errors.ts';
import type { Machine } from '../measure/machine.ts';
import type { PartFigures } from '../print/print-figures.ts';
import type { BenchRun } from '../sections/bench-run.ts';
import { keepMeasured } from './measured.ts';
import { isOnPage, pageWith } from './page.ts';

/** The page whose tables the bench writes. */
export const PAGE_FILE = path.resolve(import.meta.dirname, '../../docs/performance.md');

/** Throws `ConfigurationError` where nobody could have the same figures: of files that no commit has, or while something was watched. */
export function requireDocumentable({ commit }: Machine, { watched }: BenchRun): void {
  if (!/^[0-9a-f]+$/.test(commit))
    throw new ConfigurationError('--document tells of a commit: commit what has changed, then measure');
  if (Object.keys(watched).length > 0)
    throw new ConfigurationError('--document goes without --profile and --stalls, which make figures worse');
}

/** Keeps what a part has measured, and writes docs/performance.md anew with it; nothing where the page has no place for it. */
export function documentPart(part: PartFigures, machine: Machine, command: string): void {
  if (!isOnPage(part.name)) return;
  const { name, otherCores, figures } = part;
  const { load: _, ...lasting } = machine;
  const on = new Date().toISOString().slice(0, 10);
  const all = keepMeasured(name, { on, command, machine: lasting, otherCores, figures });
  writeFileSync(PAGE_FILE, pageWith(readFileSync(PAGE_FILE, 'utf8'), all));
}
