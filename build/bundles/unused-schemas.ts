import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';
import ts from 'typescript';

/**
 * Leaves out the schemas that a function does not use. Making one calls zod, and a bundler keeps what is made by a call, because
 * that might do something else as well; making a schema does not.
 */
export function unusedSchemas(): Plugin {
  return {
    name: 'unused-schemas',
    setup({ onLoad }) {
      onLoad({ filter: /\/(shared|services)\/.*\.ts$/ }, async ({ path: file }) => {
        if (file.includes('/node_modules/')) return undefined;
        const text = await readFile(file, 'utf8');
        return text.includes("from 'zod'") || file.includes('/contracts/')
          ? { contents: withPureSchemas(file, text), loader: 'ts' }
          : undefined;
      });
    },
  };
}

/** That module with each constant of it that is made by calls marked as pure. */
export function withPureSchemas(file: string, text: string): string {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  const made = source.statements
    .filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => declarationList.declarations)
    .flatMap(({ initializer }) =>
      initializer !== undefined && ts.isCallExpression(initializer) ? [initializer] : [],
    );
  return made.reduceRight((done, call) => {
    const [from, to] = [call.getStart(source), call.getEnd()];
    return `${done.slice(0, from)}/* @__PURE__ */ (() => ${done.slice(from, to)})()${done.slice(to)}`;
  }, text);
}
