import { createRequire } from 'node:module';
import type { Plugin } from 'esbuild';
import { lateModule } from './late-module.ts';

const require = createRequire(import.meta.url);

/**
 * Modules of Node that take milliseconds to load (`node:crypto` 4 ms of 30 that an empty process takes) and that nothing of ours
 * needs before the first event.
 */
const LATE = /^(node:)?crypto$/;
const NAMESPACE = 'late-builtin';

/** Loads those modules of Node when something of them is read for the first time, instead of with the bundle. */
export function lateBuiltins(): Plugin {
  return {
    name: 'late-builtins',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: LATE }, ({ path: name, namespace }) =>
        namespace === NAMESPACE ? { path: name, external: true } : { path: name, namespace: NAMESPACE },
      );
      onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path: name }) => ({
        contents: lateModule(Object.keys(require(name)), `require(${JSON.stringify(name)})`),
      }));
    },
  };
}
