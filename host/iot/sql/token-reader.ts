import { UnsupportedSqlError } from './sql-errors.ts';
import { type Token, tokensOf } from './tokens.ts';

/** Reads the words of a statement from left to right and says where something else was expected. */
export class TokenReader {
  readonly #tokens: readonly Token[];
  #next = 0;

  /** Throws `UnsupportedSqlError` where the statement does not fall into words. */
  constructor(sql: string) {
    this.#tokens = tokensOf(sql);
  }

  /** The word that comes next. */
  peek(): Token {
    // `end` is never passed over, so that there always is a next word.
    return this.#tokens[this.#next] ?? { kind: 'end', at: 1 };
  }

  /** The word that comes next, passed over. */
  take(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.#next += 1;
    return token;
  }

  /** Passes over that keyword, in any case, if it comes next. */
  takeKeyword(keyword: string): boolean {
    const token = this.peek();
    return this.#takeIf(token.kind === 'word' && token.value.toUpperCase() === keyword);
  }

  /** Passes over that symbol if it comes next. */
  takeSymbol(symbol: string): boolean {
    const token = this.peek();
    return this.#takeIf(token.kind === 'symbol' && token.value === symbol);
  }

  /** Passes over that symbol or refuses what comes instead. */
  expectSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) this.refuseExpecting(symbol);
  }

  /** The word that comes next, which is no keyword, passed over; `what` says what it would name. */
  expectName(what: string): string {
    const token = this.peek();
    if (token.kind !== 'word' || isKeyword(token.value)) return this.refuseExpecting(what);
    this.#next += 1;
    return token.value;
  }

  /** The text that comes next, passed over. */
  expectText(what: string): string {
    const token = this.peek();
    if (token.kind !== 'text') return this.refuseExpecting(what);
    this.#next += 1;
    return token.value;
  }

  /** Refuses what comes next, naming what could have stood there. */
  refuseExpecting(expected: string): never {
    const token = this.peek();
    const found = token.kind === 'end' ? 'the end' : String(token.value).slice(0, 60);
    throw new UnsupportedSqlError(token.at, `expected ${expected}, found ${found}`);
  }

  #takeIf(matches: boolean): boolean {
    if (matches) this.#next += 1;
    return matches;
  }
}

/** Keywords of AWS IoT SQL, in any case; attributes and aliases cannot have their names. */
const KEYWORDS = new Set([
  ...[
    'AND',
    'AS',
    'CASE',
    'ELSE',
    'END',
    'FALSE',
    'FROM',
    'IN',
    'NOT',
    'NULL',
    'OR',
    'SELECT',
    'SET',
    'THEN',
  ],
  ...['TRUE', 'VALUE', 'WHEN', 'WHERE'],
]);

/** Whether a word is a keyword. */
export function isKeyword(word: string): boolean {
  return KEYWORDS.has(word.toUpperCase());
}
