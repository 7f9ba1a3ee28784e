import { readFileSync } from 'node:fs';
import ts from 'typescript';

/**
 * What modules import by name, types apart: names by the specifier that they come from. Throws for an import of everything
 * (`* as`), which names nothing, and for a default import, which names the whole module where it is CommonJS.
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
      if (whole !== undefined || (bindings !== undefined && !ts.isNamedImports(bindings)))
        throw new Error(`${file} must import from ${specifier} by name`);
      const values = (bindings?.elements ?? []).filter(({ isTypeOnly }) => !isTypeOnly);
      const names = values.map(({ name, propertyName }) => (propertyName ?? name).text);
      if (names.length > 0) found.set(specifier, new Set([...(found.get(specifier) ?? []), ...names]));
    }
  }
  return found;
}

/** Most modules are in many bundles of the stack that this process packages, and parsing them each time is a third of its work. */
const parsed = new Map<string, readonly ts.ImportDeclaration[]>();

function importsOf(file: string): readonly ts.ImportDeclaration[] {
  const known = parsed.get(file);
  if (known !== undefined) return known;
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  const imports = source.statements.filter(ts.isImportDeclaration);
  parsed.set(file, imports);
  return imports;
}
