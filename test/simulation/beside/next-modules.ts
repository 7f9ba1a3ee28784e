import { registerHooks } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { editedFiles } from '../mutants/break-product.ts';
import type { Edit } from '../mutants/mutant.ts';
import { NEXT_VERSION } from './next-version.ts';

const ROOT = pathToFileURL(path.resolve(import.meta.dirname, '../../..')).href;
/** What modules of the next version have behind their addresses: they are other modules than those of this version. */
const MARK = '?version=next';

/** The address of a file as the next version has it. */
export const nextAddress = (file: string): string => pathToFileURL(file).href + MARK;

/**
 * Lets this process load the services, and what they share, a second time: what is asked for with the mark, and whatever of this repository
 * those modules import. Packages are the same for both. `more` is edited on top of what makes it the next version.
 */
export function provideNextModules(more: readonly Edit[] = []): void {
  const sources = new Map(
    [...editedFiles([...NEXT_VERSION, ...more])].map(([file, text]) => [`${ROOT}/${file}${MARK}`, text]),
  );
  registerHooks({
    resolve: (specifier, context, nextResolve) => {
      const resolved = nextResolve(specifier, context);
      const isOfNext = context.parentURL?.endsWith(MARK) === true && !resolved.url.endsWith(MARK);
      return isOfNext && resolved.url.startsWith(ROOT) && !resolved.url.includes('/node_modules/')
        ? { ...resolved, url: resolved.url + MARK }
        : resolved;
    },
    load: (url, context, nextLoad) => {
      const source = sources.get(url);
      return source === undefined
        ? nextLoad(url, context)
        : { format: 'module-typescript', source, shortCircuit: true };
    },
  });
}
