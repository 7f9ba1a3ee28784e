/** `?` of a pattern. */
const ANY_CHARACTER = Symbol('any character');
/** `*` of a pattern. */
export const ANY_RUN = Symbol('any run of characters');

/** A part of a pattern: text that stands for itself, one character, or any run of characters. */
export type PatternPart = string | typeof ANY_CHARACTER | typeof ANY_RUN;

/** Reads an IAM pattern: `*` is any run of characters, the empty one and `/` and `:` included, `?` any one character. */
export function parsePattern(pattern: string): PatternPart[] {
  return pattern.split(/([*?])/).flatMap((part): PatternPart[] => {
    if (part === '') return [];
    return [part === '*' ? ANY_RUN : part === '?' ? ANY_CHARACTER : part];
  });
}

/**
 * Whether the pattern matches all of the text. A mismatch goes back to the latest `*` only, which is enough because an
 * earlier one could but swallow more; so the work is bounded by the lengths of text and pattern multiplied.
 */
export function matchesPattern(parts: readonly PatternPart[], text: string): boolean {
  let at = 0;
  let next = 0;
  let run: { readonly next: number; at: number } | undefined;
  for (;;) {
    const part = parts[next];
    if (part === ANY_RUN) {
      next += 1;
      if (next === parts.length) return true;
      run = { next, at };
      continue;
    }
    const end = part === undefined ? undefined : endOfPart(part, text, at);
    if (end !== undefined) {
      at = end;
      next += 1;
    } else if (part === undefined && at === text.length) {
      return true;
    } else {
      if (run === undefined || run.at >= text.length) return false;
      run.at += 1;
      at = run.at;
      next = run.next;
    }
  }
}

/** Where the part ends when it begins at `at`; `undefined` when it is not there. */
function endOfPart(part: string | typeof ANY_CHARACTER, text: string, at: number): number | undefined {
  if (typeof part === 'string') return text.startsWith(part, at) ? at + part.length : undefined;
  const character = text.codePointAt(at);
  if (character === undefined) return undefined;
  // Characters beyond the first plane are two code units long.
  return character > 0xffff ? at + 2 : at + 1;
}
