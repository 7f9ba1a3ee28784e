import type { Plugin } from 'esbuild';
import { lateBuiltins } from './late-builtins.ts';
import { lateLibraries } from './late-libraries.ts';
import { unusedSchemas } from './unused-schemas.ts';

/** The plugins that every bundle is made with (`shared/serverless/esbuild.yml`); new ones for each call. */
export default function esbuildPlugins(): Plugin[] {
  return [lateLibraries(), lateBuiltins(), unusedSchemas()];
}
