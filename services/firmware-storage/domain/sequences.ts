/** More than any counter rises by from one release to the next. */
const MOST_ABOVE_LAST = 1_000_000;
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * The highest sequence that a release may have that is made now. Sequences end at 2,147,483,647, and none ever falls: one slip up there would
 * leave the product without a next release for ever. Roles that a repository of The Update Framework gives to new keys forget a version that was
 * put too far ahead ("fast-forward attack recovery", theupdateframework.github.io/specification, 5.3.11); devices in the field do not forget
 * their floor, so that here it must not come to that.
 *
 * Whoever counts needs few numbers above the last. Whoever takes dates may begin with them at any time, and have been idle for years, so
 * that every number up to tomorrow's date with two digits is one too (YYYYMMDDnn in UTC; YYYYMMDD and seconds since 1970 are
 * below it). In 2026 that leaves more than 100 million numbers, to be had a million at a time.
 */
export function highestSequence(lastSequence: number, atMs: number): number {
  const tomorrow = new Date(atMs + DAY_MS).toISOString().slice(0, 10).replaceAll('-', '');
  return Math.max(lastSequence + MOST_ABOVE_LAST, Number(`${tomorrow}99`));
}
