import { RefusedError } from '#shared/errors/errors.ts';
import { type Token, tokensOf } from './tokens.ts';

/** Reads the words of a selector from left to right and says where something else was expected. */
export class TokenReader {
  readonly #tokens: readonly Token[];
  readonly #field: string;
  #next = 0;

  /** Throws `RefusedError` on `field` where the text does not fall into words. */
  constructor(text: string, field: string) {
    this.#tokens = tokensOf(text, field);
    this.#field = field;
  }

  /** Whether that word comes next. */
  isWord(word: string): boolean {
    const token = this.#peek();
    return token.kind === 'word' && token.value === word;
  }

  /** Passes over that word if it comes next. */
  takeWord(word: string): boolean {
    return this.#takeIf(this.isWord(word));
  }

  /** The symbol that comes next, if it is one. */
  peekSymbol(): string | undefined {
    const token = this.#peek();
    return token.kind === 'symbol' ? token.value : undefined;
  }

  /** Passes over that symbol if it comes next. */
  takeSymbol(symbol: string): boolean {
    return this.#takeIf(this.peekSymbol() === symbol);
  }

  /** The number that comes next, passed over, if it is one. */
  takeNumber(): number | undefined {
    const token = this.#peek();
    if (token.kind !== 'number') return undefined;
    this.#next += 1;
    return token.value;
  }

  /** The quoted text that comes next, if `allows` it; throws `RefusedError` otherwise. */
  takeText(allows: (text: string) => boolean, expected: string): string {
    const token = this.#peek();
    if (token.kind !== 'text' || !allows(token.value)) this.refuseExpecting(expected);
    this.#next += 1;
    return token.value;
  }

  /** Passes over that symbol; throws `RefusedError` if something else comes next. */
  expectSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) this.refuseExpecting(symbol);
  }

  /** Throws `RefusedError` unless all has been read. */
  expectEnd(expected: string): void {
    if (this.#peek().kind !== 'end') this.refuseExpecting(expected);
  }

  /** Refuses what comes next, naming what could have stood there. */
  refuseExpecting(expected: string): never {
    const token = this.#peek();
    this.refuse(`expected ${expected}, found ${token.kind === 'end' ? 'the end' : foundIn(token)}`);
  }

  /** Refuses what comes next by its position. */
  refuse(rule: string): never {
    throw new RefusedError(this.#field, `at ${this.#peek().at}: ${rule}`);
  }

  #peek(): Token {
    // `end` is never passed over, so that there always is a next token.
    return this.#tokens[this.#next] ?? { kind: 'end', at: 1 };
  }

  #takeIf(matches: boolean): boolean {
    if (matches) this.#next += 1;
    return matches;
  }
}

function foundIn(token: Exclude<Token, { kind: 'end' }>): string {
  return token.kind === 'text' ? JSON.stringify(token.value).slice(0, 60) : String(token.value).slice(0, 60);
}
