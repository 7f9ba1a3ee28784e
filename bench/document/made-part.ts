/** Ends each part of a page that a program writes. */
const END = '<!-- end -->';

/**
 * The page with that text between the comment `begin` and the next `<!-- end -->`; all else stays as people wrote it. Throws when the
 * page has no such place.
 */
export function withMadePart(page: string, begin: string, text: string): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(END, from);
  if (from < 0 || to < 0) throw new Error(`the page has no "${begin}" with "${END}" after it`);
  return `${page.slice(0, from)}${begin}\n\n${text}\n${page.slice(to)}`;
}
