import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { printJson } from '../contract/print-json.ts';
import type { Kind } from './kind.ts';
import type { Sample } from './sample.ts';

const FOLDER = path.join(import.meta.dirname, 'committed');
const fileOf = (kind: string): string => path.join(FOLDER, `${kind}.json`);

/** The names of the kinds that have committed samples. */
export const committedKinds = (): string[] =>
  readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();

/** What is committed of a kind: a sample of each shape that ever was, the oldest first. */
export function committedSamples({ name }: Kind): readonly Sample[] {
  const file = fileOf(name);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
}

/** Commits the samples of a kind. */
export function commitSamples({ name }: Kind, samples: readonly Sample[]): void {
  const file = fileOf(name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${printJson(samples)}\n`);
}
