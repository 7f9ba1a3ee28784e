// The parser alone: the whole library has ranges too, and is 20 KB more in every bundle.
import parse from 'semver/functions/parse.js';

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
  return parse(version)?.raw === version && !version.startsWith('v');
}
