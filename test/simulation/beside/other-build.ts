import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Bindable } from '#host/runtime/function-pool.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { nextAddress } from './next-modules.ts';
import { type ErrorClasses, inErrorsOf } from './other-errors.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');

/** The functions of another version of the product, by the files that this version has them in. */
export type OtherBuild = ReadonlyMap<string, Bindable>;

/**
 * Loads another version of these functions: of the repository in `folder`, or of the next version where there is none. What that version
 * does not have is left out. Rights, settings, triggers and resources stay this version's, as they are laid out before code changes.
 */
export async function loadOtherBuild(files: readonly string[], folder?: string): Promise<OtherBuild> {
  const addressOf = (file: string): string =>
    folder === undefined
      ? nextAddress(file)
      : pathToFileURL(path.join(folder, path.relative(ROOT, file))).href;
  const errors: ErrorClasses = await import(addressOf(path.join(ROOT, 'shared/errors/errors.ts')));
  const build = new Map<string, Bindable>();
  for (const file of files) {
    const handler = await handlerAt(addressOf(file));
    if (handler !== undefined) build.set(file, { on: (home) => handler.on(inErrorsOf(errors, home)) });
  }
  if (build.size === 0) throw new ConfigurationError(`${folder} has none of the functions of this version`);
  return build;
}

async function handlerAt(address: string): Promise<Bindable | undefined> {
  try {
    const { handler } = await import(address);
    return handler;
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
    // A function that is not there; one that is there and misses something cannot be loaded.
    if (isMissing && 'url' in error && error.url === address) return undefined;
    throw error;
  }
}
