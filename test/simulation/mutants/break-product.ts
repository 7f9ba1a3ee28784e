import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { NEXT_VERSION } from '../beside/next-version.ts';
import type { Edit, Mutant } from './mutant.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');

/** The text of a file with the edit made. Throws when what it replaces is not there exactly once: the product has moved on. */
function editedText(text: string, { file, find, replace }: Edit): string {
  const found = text.split(find).length - 1;
  if (found !== 1)
    throw new Error(`the text to edit must stand in ${file} once, not ${found} times: ${find}`);
  return text.replace(find, () => replace);
}

/** The files that edits change, as they read then, by path from the root of the repository. */
export function editedFiles(edits: readonly Edit[]): Map<string, string> {
  const files = new Map<string, string>();
  for (const edit of edits) {
    const text = files.get(edit.file) ?? readFileSync(path.join(ROOT, edit.file), 'utf8');
    files.set(edit.file, editedText(text, edit));
  }
  return files;
}

/** The files of a mutant as it has them, by path from the root of the repository. */
export const brokenFiles = ({ edits, version }: Mutant): Map<string, string> =>
  editedFiles(version === 'next' ? [...NEXT_VERSION, ...edits] : edits);

/** Lets this process load the broken files instead of the sound ones; must come before anything loads them. */
export function breakProduct(edits: readonly Edit[]): void {
  const sources = new Map(
    [...editedFiles(edits)].map(([file, source]) => [pathToFileURL(path.join(ROOT, file)).href, source]),
  );
  registerHooks({
    load: (url, context, nextLoad) => {
      const source = sources.get(url);
      return source === undefined
        ? nextLoad(url, context)
        : { format: 'module-typescript', source, shortCircuit: true };
    },
  });
}
