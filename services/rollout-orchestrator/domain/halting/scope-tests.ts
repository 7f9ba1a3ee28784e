import type { HaltRules, RolloutDocument } from '../document/rollout-document.ts';
import { BAD_KINDS, type BadKind, cohortAlpha, lineLogOf, pooledAlpha, taggedAlpha } from './alpha-split.ts';
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
  /** A stage is by tag: its devices are tested together as well as by cohort. Not so where absent. */
  readonly hasTagStage?: boolean;
}

/** The rules of a document, with what its tests depend on besides. */
export const haltSettingsOf = ({
  halt,
  stages,
}: Pick<RolloutDocument, 'halt' | 'stages'>): HaltRules & HaltSettings => ({
  ...halt,
  hasTagStage: stages.some(({ kind }) => kind === 'tag'),
});

/** What a test is about: all cohorts together but those of stages by tag, all of these together, or one of either. */
export type Scope = 'pooled' | 'tagged' | { readonly cohort: number };

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
  const { falseHalt, failureRate, lostRate, hasTagStage = false } = settings;
  if (!(falseHalt > 0 && falseHalt < 1)) {
    throw new UnreadableEvidenceError('falseHalt', `must lie between 0 and 1, not ${falseHalt}`);
  }
  const evidence = { failureRate: evidenceAgainst(failureRate), lostRate: evidenceAgainst(lostRate) };
  const alphaOf = (scope: Scope, kind: BadKind): number => {
    if (scope === 'pooled') return pooledAlpha(falseHalt, kind);
    if (scope === 'tagged') return taggedAlpha(falseHalt, kind);
    return cohortAlpha(falseHalt, scope.cohort, kind, hasTagStage);
  };
  return (scope, { n, bad }) => {
    return BAD_KINDS.map((kind) => {
      const lineLog = lineLogOf(alphaOf(scope, kind));
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
