import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { PackagedStack } from '../package-stacks.ts';
import { templateIn } from '../packaged-functions.ts';
import { type Kept, keptIn } from './kept.ts';

const COMMITTED = path.join(import.meta.dirname, 'committed.json');

/** What is committed by stack: what stages may have been deployed with, and must find again in every later template. */
export function committedKept(): Readonly<Record<string, Kept>> {
  return JSON.parse(readFileSync(COMMITTED, 'utf8'));
}

/** Commits what the packaged templates have today; throws when a stack was not packaged, because nobody would watch over it. */
export function acceptKept(stacks: readonly PackagedStack[], stage: string): void {
  const kept = stacks.map(({ name, folder, complaints }) => {
    if (complaints.length > 0) throw new Error(`${name} was not packaged: nothing can be accepted`);
    return [name, keptIn(templateIn(folder), stage)] as const;
  });
  writeFileSync(COMMITTED, `${JSON.stringify(Object.fromEntries(kept), null, 2)}\n`);
}
