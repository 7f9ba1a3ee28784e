import { topicFilterRefusal } from '../topic-filter.ts';
import { parseExpression } from './parse-expression.ts';
import { UnsupportedSqlError } from './sql-errors.ts';
import type { Column, Statement } from './syntax-tree.ts';
import { TokenReader } from './token-reader.ts';

/**
 * Reads a statement of the subset of AWS IoT SQL that the host runs. Throws `UnsupportedSqlError` with the position and the
 * name of what is not in it.
 */
export function parseStatement(sql: string): Statement {
  const reader = new TokenReader(sql);
  if (!reader.takeKeyword('SELECT')) reader.refuseExpecting('SELECT');
  const columns = parseColumns(reader);
  if (!reader.takeKeyword('FROM')) reader.refuseExpecting('FROM');
  const { at } = reader.peek();
  const topicFilter = reader.expectText('a topic filter in single quotes');
  const refusal = topicFilterRefusal(topicFilter);
  if (refusal !== undefined) throw new UnsupportedSqlError(at, `the topic filter ${refusal}`);
  // Rules cannot subscribe to them (AWS IoT Core developer guide, "Basic Ingest").
  if (topicFilter.startsWith('$aws/rules')) throw new UnsupportedSqlError(at, 'FROM a Basic Ingest topic');
  const where = reader.takeKeyword('WHERE') ? parseExpression(reader) : undefined;
  if (reader.peek().kind !== 'end')
    reader.refuseExpecting(where === undefined ? 'WHERE or the end' : 'the end');
  return { columns, topicFilter, ...(where !== undefined && { where }) };
}

function parseColumns(reader: TokenReader): Column[] {
  const columns: Column[] = [];
  const names = new Set<string>();
  do {
    const { at } = reader.peek();
    if (reader.takeSymbol('*')) {
      columns.push({ kind: 'all' });
      continue;
    }
    const column = parseNamed(reader);
    if (names.has(column.name)) throw new UnsupportedSqlError(at, `the name ${column.name} is there twice`);
    names.add(column.name);
    columns.push(column);
  } while (reader.takeSymbol(','));
  return columns;
}

/** A value under a name: its alias, or that of an attribute itself. */
function parseNamed(reader: TokenReader): Column & { kind: 'named' } {
  const value = parseExpression(reader);
  const { at } = reader.peek();
  const own = value.kind === 'path' && value.keys.length === 1 ? value.keys[0] : undefined;
  const name = reader.takeKeyword('AS') ? reader.expectName('an alias') : own;
  if (name === undefined) return reader.refuseExpecting('AS with a name');
  if (name === '__proto__') throw new UnsupportedSqlError(at, 'the name __proto__ is not supported');
  return { kind: 'named', name, value };
}
