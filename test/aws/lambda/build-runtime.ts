import path from 'node:path';
import { build } from 'esbuild';

/** Makes one file of the runtime, which starts twice as fast as its sources; answers where it is. */
export async function buildRuntime(directory: string): Promise<string> {
  const outfile = path.join(directory, 'runtime.mjs');
  await build({
    entryPoints: [path.join(import.meta.dirname, 'runtime.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'warning',
  });
  return outfile;
}
