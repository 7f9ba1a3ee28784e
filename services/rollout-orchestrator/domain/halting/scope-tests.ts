import { BAD_KINDS, type BadKind, cohortAlpha, lineLogOf, pooledAlpha } from './alpha-split.ts';
import { evidenceAgainst } from './mixture.ts';
import { UnreadableEvidenceError } from './unreadable-evidence.ts';

/** Rates as fractions of 1. */
export interface HaltSettings {
  /** Tolerated share of devices that fail, revert or fall silent. */
  readonly failureRate: number;
  /** Tolerated share of devices that begin an install and are never heard again. */
  readonly lostRate: number;
  /** Chance that a release within both rates is ever halted. */
  readonly falseHalt: number;
}

/** What a test is about: all cohorts together or one of them. */
export type Scope = 'pooled' | { readonly cohort: number };

/** The evidence in one scope: first attempts only. */
export interface ScopeCounts {
  /** Attempts granted and neither void, transient nor excused; those that are pending are in it. */
  readonly n: number;
  /** How many of them went bad, by kind. */
  readonly bad: Readonly<Record<BadKind, number>>;
}

/** One test: its counts, its evidence and its line (both natural logarithms), and how near the line it is, from 0 to 1. */
export interface TestResult {
  readonly scope: Scope;
  readonly kind: BadKind;
  readonly k: number;
  readonly n: number;
  readonly eLog: number;
  readonly lineLog: number;
  readonly evidenceShare: number;
}

/**
 * The tests of a rollout: given a scope and its counts, one result for each kind of bad, against that kind's tolerated rate and
 * the scope's own share of `falseHalt`.
 *
 * @throws UnreadableEvidenceError when a setting is no rate, and from the tests when a count gives no finite evidence
 */
export function scopeTests(
  settings: HaltSettings,
): (scope: Scope, counts: ScopeCounts) => readonly TestResult[] {
  const { falseHalt, failureRate, lostRate } = settings;
  if (!(falseHalt > 0 && falseHalt < 1)) {
    throw new UnreadableEvidenceError('falseHalt', `must lie between 0 and 1, not ${falseHalt}`);
  }
  const evidence = { failureRate: evidenceAgainst(failureRate), lostRate: evidenceAgainst(lostRate) };
  return (scope, { n, bad }) => {
    return BAD_KINDS.map((kind) => {
      const alpha =
        scope === 'pooled' ? pooledAlpha(falseHalt, kind) : cohortAlpha(falseHalt, scope.cohort, kind);
      const lineLog = lineLogOf(alpha);
      const k = bad[kind];
      const eLog = evidence[kind](k, n);
      if (!Number.isFinite(eLog))
        throw new UnreadableEvidenceError(kind, `evidence of ${k} of ${n} is ${eLog}`);
      return { scope, kind, k, n, eLog, lineLog, evidenceShare: Math.min(1, Math.max(0, eLog / lineLog)) };
    });
  };
}

/** Whether a test has reached its line. */
export const crosses = ({ eLog, lineLog }: TestResult): boolean => eLog >= lineLog;
