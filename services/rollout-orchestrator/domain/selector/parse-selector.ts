import { DeviceId, Hardware, ProductName, Tag } from '#shared/contracts/names.ts';
import { isReleaseVersion } from '#shared/contracts/version.ts';
import type { Field, Literal, Operator, Selector } from './syntax-tree.ts';
import { TokenReader } from './token-reader.ts';

/** Deepest nesting of brackets and `not`. */
const MAX_SELECTOR_DEPTH = 32;

const OPERATORS: ReadonlySet<string> = new Set<Operator>(['=', '!=', '<', '<=', '>', '>=']);
const isOperator = (symbol: string): symbol is Operator => OPERATORS.has(symbol);
const CONDITION = 'all, tag("..."), hardware, version, product, device, attribute("..."), not or (';
const ATTRIBUTE_NAME = /^[a-z][a-z0-9_]{0,31}$/;

/**
 * Reads a selector:
 *
 *     any       = every { "or" every }
 *     every     = one { "and" one }
 *     one       = "not" one | "(" any ")" | "all" | "tag" "(" text ")" | "version" "unknown"
 *               | field operator literal | field "in" "(" [ literal { "," literal } ] ")"
 *     field     = "hardware" | "version" | "product" | "device" | "attribute" "(" text ")"
 *
 * Throws `RefusedError` on `field` that names the position and what was expected there. A text that no name could ever be
 * equal to is refused too: a selector with a typo must not silently match nobody, or everybody behind a `not`.
 */
export function parseSelector(text: string, field = 'selector'): Selector {
  const reader = new TokenReader(text, field);
  const selector = readAny(reader, 0);
  reader.expectEnd('and, or, or the end');
  return selector;
}

function readAny(reader: TokenReader, depth: number): Selector {
  const parts = [readEvery(reader, depth)];
  while (reader.takeWord('or')) parts.push(readEvery(reader, depth));
  return joined('or', parts);
}

function readEvery(reader: TokenReader, depth: number): Selector {
  const parts = [readOne(reader, depth)];
  while (reader.takeWord('and')) parts.push(readOne(reader, depth));
  return joined('and', parts);
}

function joined(kind: 'and' | 'or', parts: readonly Selector[]): Selector {
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? first : { kind, parts };
}

function readOne(reader: TokenReader, depth: number): Selector {
  if (depth > MAX_SELECTOR_DEPTH) reader.refuse(`nested more than ${MAX_SELECTOR_DEPTH} deep`);
  if (reader.takeWord('not')) return { kind: 'not', of: readOne(reader, depth + 1) };
  if (reader.takeSymbol('(')) {
    const inner = readAny(reader, depth + 1);
    reader.expectSymbol(')');
    return inner;
  }
  if (reader.takeWord('all')) return { kind: 'all' };
  if (reader.takeWord('tag')) return { kind: 'tag', tag: readNamed(reader, Tag, 'a tag') };
  if (reader.isWord('group')) reader.refuse('group() is not supported yet');
  return readComparison(reader);
}

function readComparison(reader: TokenReader): Selector {
  const field = readField(reader);
  if (field.kind === 'version' && reader.takeWord('unknown')) return { kind: 'version-unknown' };
  if (reader.takeWord('in')) return { kind: 'in', field, values: readValues(reader, field) };
  const operator = readOperator(reader, field);
  return { kind: 'compare', field, operator, value: readLiteral(reader, field, operator) };
}

function readField(reader: TokenReader): Field {
  for (const kind of ['hardware', 'version', 'product', 'device'] as const) {
    if (reader.takeWord(kind)) return { kind };
  }
  if (!reader.takeWord('attribute')) reader.refuseExpecting(CONDITION);
  reader.expectSymbol('(');
  const name = reader.takeText((one) => ATTRIBUTE_NAME.test(one), "an attribute's name in quotes");
  reader.expectSymbol(')');
  return { kind: 'attribute', name };
}

function readNamed(reader: TokenReader, names: typeof Tag, what: string): string {
  reader.expectSymbol('(');
  const name = reader.takeText((one) => names.safeParse(one).success, `${what} in quotes`);
  reader.expectSymbol(')');
  return name;
}

function readOperator(reader: TokenReader, field: Field): Operator {
  const ordered = field.kind === 'version' || field.kind === 'attribute';
  const symbol = reader.peekSymbol();
  if (symbol === undefined || !isOperator(symbol)) {
    reader.refuseExpecting(ordered ? '=, !=, <, <=, >, >= or in' : '=, != or in');
  }
  if (!ordered && symbol !== '=' && symbol !== '!=') {
    reader.refuse(`${field.kind} has no order: expected =, != or in`);
  }
  reader.takeSymbol(symbol);
  return symbol;
}

function readValues(reader: TokenReader, field: Field): Literal[] {
  reader.expectSymbol('(');
  const values = [readLiteral(reader, field, '=')];
  while (reader.takeSymbol(',')) values.push(readLiteral(reader, field, '='));
  reader.expectSymbol(')');
  return values;
}

const NAMES = { hardware: Hardware, product: ProductName, device: DeviceId } as const;

function readLiteral(reader: TokenReader, field: Field, operator: Operator): Literal {
  const equality = operator === '=' || operator === '!=';
  switch (field.kind) {
    case 'attribute':
      return readAttributeValue(reader, equality);
    case 'version':
      return equality
        ? reader.takeText((one) => one.length >= 1 && one.length <= 64, 'a version in quotes')
        : reader.takeText(isReleaseVersion, 'a SemVer version in quotes, such as "2.1.0"');
    default: {
      const names = NAMES[field.kind];
      return reader.takeText((one) => names.safeParse(one).success, `the name of a ${field.kind} in quotes`);
    }
  }
}

function readAttributeValue(reader: TokenReader, equality: boolean): Literal {
  const number = reader.takeNumber();
  if (number !== undefined) return number;
  if (equality && reader.takeWord('true')) return true;
  if (equality && reader.takeWord('false')) return false;
  return reader.takeText(
    () => true,
    equality ? 'a text in quotes, a number, true or false' : 'a text or a number',
  );
}
