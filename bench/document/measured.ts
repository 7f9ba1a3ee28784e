import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Machine } from '../measure/machine.ts';
import type { Figure } from '../sections/bench-run.ts';

/** Where the figures of docs/performance.md are kept. */
const MEASURED_FILE = path.resolve(import.meta.dirname, 'measured.json');

/** The last run of a part of the bench: when, how, on what, and what came out. */
export interface Measured {
  /** The day, as `2026-11-27`. */
  readonly on: string;
  /** What repeats it. */
  readonly command: string;
  readonly machine: Omit<Machine, 'load'>;
  /** CPU that other programs used meanwhile, in cores; missing in runs that did not record it. */
  readonly otherCores?: number;
  readonly figures: readonly Figure[];
}

/** By the name of the part: a section, or a size of fleet (`million 100,000`). */
export type AllMeasured = Readonly<Record<string, Measured>>;

/** What is documented now. */
export function readMeasured(): AllMeasured {
  // Only `keepMeasured` writes it.
  return JSON.parse(readFileSync(MEASURED_FILE, 'utf8')) as AllMeasured;
}

/** Keeps a run in place of the last one of that part, and answers all that is kept. */
export function keepMeasured(part: string, measured: Measured): AllMeasured {
  const all = { ...readMeasured(), [part]: measured };
  writeFileSync(MEASURED_FILE, `${JSON.stringify(all, undefined, 2)}\n`);
  return all;
}
