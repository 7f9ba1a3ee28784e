import { UnsupportedSqlError } from './sql-errors.ts';

/** One word of an SQL statement; `at` is its position in the text, from 1. */
export type Token =
  | { readonly kind: 'word' | 'symbol' | 'text'; readonly value: string; readonly at: number }
  | { readonly kind: 'number'; readonly value: number; readonly at: number }
  | { readonly kind: 'end'; readonly at: number };

/** Longer than any statement that a person writes. */
const MAX_SQL_LENGTH = 10_000;

// Each alternative begins with another character and none backtracks into another: linear in the length of the text.
const TOKEN =
  /(?<space>[ \t\r\n]+)|(?<word>[A-Za-z_][A-Za-z0-9_]*)|(?<number>-?[0-9]+(?:\.[0-9]+)?)|'(?<text>[^'\\]*)'|(?<symbol><>|<=|>=|[=<>(),.*])/y;

/** Cuts a statement into words; the last is always `end`. Throws `UnsupportedSqlError` at what is no word of the subset. */
export function tokensOf(sql: string): Token[] {
  if (sql.length > MAX_SQL_LENGTH) throw new UnsupportedSqlError(1, `more than ${MAX_SQL_LENGTH} characters`);
  const tokens: Token[] = [];
  let position = 0;
  while (position < sql.length) {
    TOKEN.lastIndex = position;
    const { groups } = TOKEN.exec(sql) ?? refuseCharacter(sql, position);
    const at = position + 1;
    position = TOKEN.lastIndex;
    if (groups?.word !== undefined) tokens.push({ kind: 'word', value: groups.word, at });
    else if (groups?.number !== undefined) tokens.push({ kind: 'number', value: Number(groups.number), at });
    else if (groups?.text !== undefined) tokens.push({ kind: 'text', value: groups.text, at });
    else if (groups?.symbol !== undefined) tokens.push({ kind: 'symbol', value: groups.symbol, at });
  }
  return [...tokens, { kind: 'end', at: sql.length + 1 }];
}

function refuseCharacter(sql: string, position: number): never {
  const character = sql.charAt(position);
  const rule =
    character === "'" ? 'a text that is not closed, or holds an escape' : `${character} is not supported`;
  throw new UnsupportedSqlError(position + 1, rule);
}
