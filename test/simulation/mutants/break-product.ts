import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Mutant } from './mutant.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');

/** The text of the file as the mutant has it. Throws when what it replaces is not there exactly once: the product has moved on. */
export function brokenText({ name, file, find, replace }: Mutant): string {
  const text = readFileSync(path.join(ROOT, file), 'utf8');
  const found = text.split(find).length - 1;
  if (found !== 1) throw new Error(`mutant ${name}: its text must stand in ${file} once, not ${found} times`);
  return text.replace(find, () => replace);
}

/** Lets this process load the broken file instead of the sound one; must come before anything loads it. */
export function breakProduct(mutant: Mutant): void {
  const url = pathToFileURL(path.join(ROOT, mutant.file)).href;
  const source = brokenText(mutant);
  registerHooks({
    load: (loading, context, nextLoad) =>
      loading === url
        ? { format: 'module-typescript', source, shortCircuit: true }
        : nextLoad(loading, context),
  });
}
