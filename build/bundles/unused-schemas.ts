import { readFile } from 'node:fs/promises';
import type { OnLoadResult, Plugin } from 'esbuild';
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
        const contents = pure.get(file) ?? pureModule(file);
        pure.set(file, contents);
        return loadedFrom(await contents);
      });
    },
  };
}

/** Each module once, as bundles of a stack share most; `undefined` for one that makes no schemas. */
const pure = new Map<string, Promise<string | undefined>>();

async function pureModule(file: string): Promise<string | undefined> {
  const text = await readFile(file, 'utf8');
  const makesSchemas = text.includes("from 'zod'") || file.includes('/contracts/');
  return makesSchemas ? withPureSchemas(file, text) : undefined;
}

const loadedFrom = (contents: string | undefined): OnLoadResult | undefined =>
  contents === undefined ? undefined : { contents, loader: 'ts' };

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
