import { UnsupportedSqlError } from './sql-errors.ts';
import type { Comparison, Expression } from './syntax-tree.ts';
import { isKeyword, type TokenReader } from './token-reader.ts';

/** Deeper than any condition that a person writes. */
const MAX_DEPTH = 32;
const COMPARISONS: readonly Comparison[] = ['=', '<>', '<=', '>=', '<', '>'];
const LITERALS: ReadonlyMap<string, boolean | null> = new Map([
  ['TRUE', true],
  ['FALSE', false],
  ['NULL', null],
]);

/** Reads an expression; OR binds least, then AND, NOT and the comparisons. Throws `UnsupportedSqlError`. */
export function parseExpression(reader: TokenReader, depth = 0): Expression {
  if (depth > MAX_DEPTH)
    throw new UnsupportedSqlError(reader.peek().at, `more than ${MAX_DEPTH} levels deep`);
  let left = parseAnd(reader, depth);
  while (reader.takeKeyword('OR')) left = { kind: 'or', left, right: parseAnd(reader, depth) };
  return left;
}

function parseAnd(reader: TokenReader, depth: number): Expression {
  let left = parseNot(reader, depth);
  while (reader.takeKeyword('AND')) left = { kind: 'and', left, right: parseNot(reader, depth) };
  return left;
}

function parseNot(reader: TokenReader, depth: number): Expression {
  let negations = 0;
  while (reader.takeKeyword('NOT')) negations += 1;
  const inner = parseComparison(reader, depth);
  // NOT NOT x is not x: it makes a truth value of the text "true".
  if (negations === 0) return inner;
  const negated: Expression = { kind: 'not', of: inner };
  return negations % 2 === 1 ? negated : { kind: 'not', of: negated };
}

function parseComparison(reader: TokenReader, depth: number): Expression {
  const left = parseOperand(reader, depth);
  const operator = COMPARISONS.find((symbol) => reader.takeSymbol(symbol));
  return operator === undefined
    ? left
    : { kind: 'compare', operator, left, right: parseOperand(reader, depth) };
}

function parseOperand(reader: TokenReader, depth: number): Expression {
  if (reader.takeSymbol('(')) {
    const inner = parseExpression(reader, depth + 1);
    reader.expectSymbol(')');
    return inner;
  }
  const token = reader.peek();
  if (token.kind === 'text' || token.kind === 'number') {
    reader.take();
    return { kind: 'literal', value: token.value };
  }
  if (token.kind !== 'word') return reader.refuseExpecting('a value');
  const literal = LITERALS.get(token.value.toUpperCase());
  if (literal === undefined && isKeyword(token.value)) return reader.refuseExpecting('a value');
  reader.take();
  if (literal !== undefined) return { kind: 'literal', value: literal };
  if (reader.takeSymbol('(')) return parseCall(reader, token.value, token.at);
  const keys = [token.value];
  while (reader.takeSymbol('.')) keys.push(reader.expectName('an attribute'));
  return { kind: 'path', keys };
}

/** Reads the arguments of a call, whose opening parenthesis has been read. */
function parseCall(reader: TokenReader, name: string, at: number): Expression {
  switch (name) {
    case 'clientid':
    case 'principal':
    case 'timestamp':
      reader.expectSymbol(')');
      return { kind: name };
    case 'topic': {
      if (reader.takeSymbol(')')) return { kind: 'topic' };
      const level = reader.peek();
      if (level.kind !== 'number' || !Number.isInteger(level.value) || level.value < 1) {
        return reader.refuseExpecting('the number of a level, from 1');
      }
      reader.take();
      reader.expectSymbol(')');
      return { kind: 'topic-level', level: level.value };
    }
    case 'encode': {
      reader.expectSymbol('*');
      reader.expectSymbol(',');
      const encoding = reader.peek();
      if (reader.expectText("'base64'") !== 'base64') {
        throw new UnsupportedSqlError(encoding.at, "encode supports 'base64' only");
      }
      reader.expectSymbol(')');
      return { kind: 'payload-base64' };
    }
    default:
      throw new UnsupportedSqlError(at, `function ${name} is not supported`);
  }
}
