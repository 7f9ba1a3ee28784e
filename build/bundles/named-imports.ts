import { readFileSync } from 'node:fs';
import ts from 'typescript';

/**
 * What modules import by name, types apart: names by the specifier that they come from, `default` for a default import. Throws for
 * an import of everything (`* as`), which names nothing.
 */
export function namedImports(
  files: readonly string[],
  concerns: (specifier: string) => boolean,
): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const file of files) {
    for (const { importClause, moduleSpecifier } of importsOf(file)) {
      if (!ts.isStringLiteral(moduleSpecifier) || !concerns(moduleSpecifier.text)) continue;
      const specifier = moduleSpecifier.text;
      if (importClause === undefined || importClause.isTypeOnly) continue;
      const { name: whole, namedBindings: bindings } = importClause;
      if (bindings !== undefined && !ts.isNamedImports(bindings))
        throw new Error(`${file} must import from ${specifier} by name`);
      const values = (bindings?.elements ?? []).filter(({ isTypeOnly }) => !isTypeOnly);
      const names = values.map(({ name, propertyName }) => (propertyName ?? name).text);
      const all = whole === undefined ? names : ['default', ...names];
      if (all.length > 0) found.set(specifier, new Set([...(found.get(specifier) ?? []), ...all]));
    }
  }
  return found;
}

function importsOf(file: string): ts.ImportDeclaration[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  return source.statements.filter(ts.isImportDeclaration);
}
