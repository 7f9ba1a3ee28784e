// The parser alone: the whole library has ranges too, and is 20 KB more in every bundle.
import parseSemver from 'semver/functions/parse.js';

type Parsed = ReturnType<typeof parseSemver>;

/** Versions that were read last: a fleet runs a few, and each of its checks names one. */
const read = new Map<string, Parsed>();
const KEPT_VERSIONS = 1_024;

function parse(version: string): Parsed {
  const known = read.get(version);
  if (known !== undefined) return known;
  if (read.size >= KEPT_VERSIONS) read.clear();
  const parsed = parseSemver(version);
  read.set(version, parsed);
  return parsed;
}

/**
 * Order of two versions by SemVer 2.0.0 precedence: negative, 0 or positive; `undefined` when either does not parse, so
 * that a malformed version matches no comparison and is never taken as 0.
 */
export function compareVersions(a: string, b: string): number | undefined {
  const left = parse(a);
  const right = parse(b);
  return left === null || right === null ? undefined : left.compare(right);
}

/** Whether a version may stand in a release: SemVer 2.0.0, without a leading `v` or spaces. */
export function isReleaseVersion(version: string): boolean {
  // The parser takes white space at either end for nothing, and `raw` still has it.
  return /^\d[0-9A-Za-z.+-]*$/.test(version) && parse(version) !== null;
}
