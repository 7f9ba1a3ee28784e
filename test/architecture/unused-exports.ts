import path from 'node:path';
import ts from 'typescript';
import type { Source } from './sources.ts';

interface Exported {
  readonly name: string;
  readonly isType: boolean;
}

/** What a file gives, what its exported signatures name, and what it takes from which other file (`*`: everything). */
interface Module {
  readonly exports: readonly Exported[];
  readonly inSignatures: ReadonlySet<string>;
  readonly takes: readonly { readonly from: string; readonly name: string }[];
}

const EVERYTHING = '*';
/** Called by its name, which stands in `function.yml`. */
const isEntry = (file: string, name: string): boolean =>
  name === 'handler' && path.basename(file) === 'handler.ts';

/**
 * `<file>: <name>` of every export that no other file takes. Types that an exported signature of their file names are no such
 * exports: who calls may want to name them.
 */
export function unusedExports(sources: readonly Source[]): string[] {
  const modules = new Map(sources.map((source) => [source.file, readModule(source)] as const));
  const taken = new Set(
    [...modules.values()].flatMap(({ takes }) => takes.map(({ from, name }) => `${from}: ${name}`)),
  );
  return [...modules].flatMap(([file, { exports, inSignatures }]) =>
    exports
      .filter(({ name, isType }) => !isEntry(file, name) && !(isType && inSignatures.has(name)))
      .map(({ name }) => `${file}: ${name}`)
      .filter((one) => !taken.has(one) && !taken.has(`${file}: ${EVERYTHING}`)),
  );
}

function readModule({ file, text }: Source): Module {
  const exports: Exported[] = [];
  const inSignatures = new Set<string>();
  const takes: { from: string; name: string }[] = [];
  const take = (specifier: ts.Node, names: readonly string[]) => {
    if (!ts.isStringLiteral(specifier)) return;
    const { text: to } = specifier;
    if (to.startsWith('#')) for (const name of names) takes.push({ from: to.slice(1), name });
    if (to.startsWith('.'))
      for (const name of names) takes.push({ from: path.join(path.dirname(file), to), name });
  };
  const isLate = text.includes('import(');
  const { statements } = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  for (const statement of statements) {
    if (isLate) takeLate(statement, take);
    if (ts.isImportDeclaration(statement)) take(statement.moduleSpecifier, importedBy(statement));
    else if (ts.isExportDeclaration(statement)) {
      const names = namesOf(statement);
      if (statement.moduleSpecifier !== undefined)
        take(
          statement.moduleSpecifier,
          names.map(({ taken }) => taken),
        );
      exports.push(...names.map(({ given }) => ({ name: given, isType: statement.isTypeOnly })));
    } else if (isExported(statement)) {
      const own = declaredBy(statement);
      exports.push(...own);
      for (const name of namedInSignature(statement)) inSignatures.add(name);
    }
  }
  return { exports: exports.filter(({ name }) => name !== EVERYTHING), inSignatures, takes };
}

function importedBy({ importClause }: ts.ImportDeclaration): string[] {
  const bindings = importClause?.namedBindings;
  if (bindings === undefined) return [];
  if (ts.isNamespaceImport(bindings)) return [EVERYTHING];
  return bindings.elements.map(({ name, propertyName }) => (propertyName ?? name).text);
}

function namesOf({ exportClause }: ts.ExportDeclaration): { taken: string; given: string }[] {
  if (exportClause === undefined || ts.isNamespaceExport(exportClause))
    return [{ taken: EVERYTHING, given: EVERYTHING }];
  return exportClause.elements.map(({ name, propertyName }) => ({
    taken: (propertyName ?? name).text,
    given: name.text,
  }));
}

/** A module that is loaded while running, or named in a type, gives everything. */
function takeLate(node: ts.Node, take: (specifier: ts.Node, names: readonly string[]) => void): void {
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword && node.arguments[0])
    take(node.arguments[0], [EVERYTHING]);
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
    take(node.argument.literal, [EVERYTHING]);
  ts.forEachChild(node, (child) => takeLate(child, take));
}

function isExported(statement: ts.Statement): boolean {
  const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
  const kinds = new Set(modifiers.map(({ kind }) => kind));
  return kinds.has(ts.SyntaxKind.ExportKeyword) && !kinds.has(ts.SyntaxKind.DefaultKeyword);
}

function declaredBy(statement: ts.Statement): Exported[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations
      .flatMap(({ name }) => boundBy(name))
      .map((name) => ({ name, isType: false }));
  const isType = ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement);
  if (isType || ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement))
    return statement.name === undefined ? [] : [{ name: statement.name.text, isType }];
  throw new Error(`cannot tell what is exported here: ${ts.SyntaxKind[statement.kind]}`);
}

function boundBy(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? boundBy(element.name) : []));
}

/** Types that an exported declaration names, its own name and the bodies of functions left out. */
function namedInSignature(statement: ts.Statement): string[] {
  const named: string[] = [];
  const look = (node: ts.Node): void => {
    if (ts.isBlock(node)) return;
    if (ts.isTypeReferenceNode(node) || ts.isExpressionWithTypeArguments(node) || ts.isTypeQueryNode(node)) {
      const name = ts.isTypeReferenceNode(node)
        ? node.typeName
        : ts.isTypeQueryNode(node)
          ? node.exprName
          : node.expression;
      if (ts.isIdentifier(name)) named.push(name.text);
    }
    ts.forEachChild(node, look);
  };
  ts.forEachChild(statement, look);
  return named;
}
