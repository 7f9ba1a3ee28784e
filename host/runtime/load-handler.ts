import { pathToFileURL } from 'node:url';
import { ConfigurationError } from '#shared/errors/errors.ts';
import type { Bindable } from './function-pool.ts';

/** Loads a handler module; throws `ConfigurationError` unless its export `handler` can be bound to a home. */
export async function loadHandler(file: string): Promise<Bindable> {
  const module: { readonly handler?: Partial<Bindable> } = await import(pathToFileURL(file).href);
  const { handler } = module;
  if (typeof handler?.on !== 'function') {
    throw new ConfigurationError(
      `${file} must export a handler made by one of the wrappers in shared/lambda`,
    );
  }
  // Checked just above.
  return handler as Bindable;
}
