import { RefusedError } from '#shared/errors/errors.ts';

/** One word of a selector; `at` is its position in the text, from 1. */
export type Token =
  | { readonly kind: 'word' | 'symbol' | 'text'; readonly value: string; readonly at: number }
  | { readonly kind: 'number'; readonly value: number; readonly at: number }
  | { readonly kind: 'end'; readonly at: number };

/** Longest selector that is read, in UTF-16 units. */
const MAX_SELECTOR_LENGTH = 2000;
/** Longest text between quotes, as long as an attribute may be. */
const MAX_TEXT_LENGTH = 128;

// Each alternative begins with another character and none backtracks into another: linear in the length of the text.
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
// At most 15 digits before and 6 after the point: what JavaScript prints again without an exponent.
const NUMBER = /-?[0-9]{1,15}(?:\.[0-9]{1,6})?/y;
const SYMBOL = /[<>!]=|[=<>(),]/y;
const SPACE = /[ \t\r\n]+/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not stand in a text.
const TEXT = /"((?:[^"\\\u0000-\u001f]|\\["\\])*)"|'((?:[^'\\\u0000-\u001f]|\\['\\])*)'/y;

/** Cuts a selector into words; the last token is always `end`. Throws `RefusedError` naming the position of what is no word. */
export function tokensOf(text: string, field: string): Token[] {
  if (text.length > MAX_SELECTOR_LENGTH) {
    throw new RefusedError(field, `must be at most ${MAX_SELECTOR_LENGTH} characters long`);
  }
  const tokens: Token[] = [];
  let position = 0;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    if (match === null) return undefined;
    position = pattern.lastIndex;
    return match;
  };
  for (;;) {
    take(SPACE);
    const at = position + 1;
    if (position === text.length) {
      tokens.push({ kind: 'end', at });
      return tokens;
    }
    const token = nextToken(take, at) ?? refuseCharacter(text, position, field);
    if (token.kind === 'text' && token.value.length > MAX_TEXT_LENGTH) {
      throw new RefusedError(field, `at ${at}: a text is at most ${MAX_TEXT_LENGTH} characters long`);
    }
    tokens.push(token);
  }
}

function nextToken(take: (pattern: RegExp) => RegExpExecArray | undefined, at: number): Token | undefined {
  const word = take(WORD);
  if (word !== undefined) return { kind: 'word', value: word[0], at };
  const symbol = take(SYMBOL);
  if (symbol !== undefined) return { kind: 'symbol', value: symbol[0], at };
  const number = take(NUMBER);
  // -0 + 0 is 0: one zero, so that printing loses nothing.
  if (number !== undefined) return { kind: 'number', value: Number(number[0]) + 0, at };
  const text = take(TEXT);
  if (text !== undefined) return { kind: 'text', value: unquoted(text[1] ?? text[2] ?? ''), at };
  return undefined;
}

const unquoted = (quoted: string): string => quoted.replace(/\\(.)/g, '$1');

function refuseCharacter(text: string, position: number, field: string): never {
  const character = text.charAt(position);
  // Behind `2.2` of `2.2.0` or `cam` of `cam-rev-b`: the quotes were forgotten.
  const advice = /[A-Za-z0-9_]/.test(text.charAt(position - 1))
    ? '; texts stand in quotes, such as "2.2.0"'
    : '';
  const rule =
    character === '"' || character === "'"
      ? 'a text that is not closed, or holds a control character or an unknown escape'
      : `unexpected character ${JSON.stringify(character)}${advice}`;
  throw new RefusedError(field, `at ${position + 1}: ${rule}`);
}
