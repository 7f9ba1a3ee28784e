/** What of a name is another one each time: ids, digests, numbers. */
const CHANGING = /[0-9A-HJKMNP-TV-Z]{26}|[0-9a-f]{12,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d+/g;
const IS_WORD = /^[a-z]+(?:-[a-z]+)*$/;
const LONGEST_WORD = 32;
/** Attributes whose texts are packed or drawn, and now and then look like words: what they mean has words of its own. */
const IS_CODE = /\/(?:events|past|boot|bootId|previousBootId)$/;

/**
 * What can be told apart of things of one kind: each attribute by its path with the type of its value, and the words among the values (states,
 * reasons, actions). Two things with the same traits are of one shape.
 */
export function traitsOf(value: unknown, at = ''): string[] {
  if (Array.isArray(value))
    return value.length === 0 ? [`${at}[] empty`] : value.flatMap((one) => traitsOf(one, `${at}[]`));
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([name, inner]) =>
      traitsOf(inner, `${at}/${name.replace(CHANGING, '*')}`),
    );
  }
  if (typeof value !== 'string') return [`${at} ${value === null ? 'null' : typeof value}`];
  const isWord = value.length <= LONGEST_WORD && IS_WORD.test(value) && !IS_CODE.test(at);
  return isWord ? [`${at} text`, `${at} ${value}`] : [`${at} text`];
}
