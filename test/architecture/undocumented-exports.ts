import ts from 'typescript';
import type { Source } from './sources.ts';

/** Properties by which a value of a list says in a sentence what it is: a fault, an invariant, a mutant. */
const SENTENCES = new Set(['what', 'rule']);

/**
 * `<file>: <name>` of every exported declaration that has no docstring. A type that is only read off a constant (`typeof`) is told by
 * the docstring of that constant, and an entry of a list by its own sentence.
 */
export function undocumentedExports(sources: readonly Source[]): string[] {
  return sources.flatMap(({ file, text }) =>
    ts
      .createSourceFile(file, text, ts.ScriptTarget.Latest, true)
      .statements.filter((statement) => isExported(statement) && !isTold(statement))
      .map((statement) => `${file}: ${nameOf(statement)}`),
  );
}

function isExported(statement: ts.Statement): boolean {
  const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
  return modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
}

const isTold = (statement: ts.Statement): boolean =>
  ts.getJSDocCommentsAndTags(statement).length > 0 || isReadOff(statement) || hasSentence(statement);

function isReadOff(statement: ts.Statement): boolean {
  if (!ts.isTypeAliasDeclaration(statement)) return false;
  let readsOff = false;
  const look = (node: ts.Node): void => {
    readsOff ||= ts.isTypeQueryNode(node);
    ts.forEachChild(node, look);
  };
  look(statement.type);
  return readsOff;
}

function hasSentence(statement: ts.Statement): boolean {
  if (!ts.isVariableStatement(statement)) return false;
  return statement.declarationList.declarations.every(
    ({ initializer }) =>
      initializer !== undefined &&
      ts.isObjectLiteralExpression(initializer) &&
      initializer.properties.some(({ name }) => name !== undefined && SENTENCES.has(name.getText())),
  );
}

function nameOf(statement: ts.Statement): string {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map(({ name }) => name.getText()).join(', ');
  const { name } = statement as ts.Statement & { readonly name?: ts.Node };
  return name?.getText() ?? statement.getText().slice(0, 40);
}
