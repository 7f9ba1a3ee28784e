import { isEvidence } from '../counting/cohorts.ts';
import { BAD_KINDS } from './alpha-split.ts';
import { crosses, type HaltSettings, type ScopeCounts, scopeTests, type TestResult } from './scope-tests.ts';
import { readCount, UnreadableEvidenceError } from './unreadable-evidence.ts';

/** The evidence of one cohort. */
export interface CohortCounts extends ScopeCounts {
  readonly cohort: number;
  /** False for a cohort of a tag stage, which is pooled with such cohorts alone. With the others when absent. */
  readonly pooled?: boolean;
}

/** `halt` with the test that is farthest over its line, or `continue`; and every test for display. */
export type Assessment =
  | { readonly verdict: 'continue'; readonly tests: readonly TestResult[] }
  | { readonly verdict: 'halt'; readonly because: TestResult; readonly tests: readonly TestResult[] };

/**
 * Whether the evidence of a rollout says halt: for all cohorts together, those of stages by tag apart, and for each of them, and for each kind of
 * bad, the mixture e-process against that kind's tolerated rate, halting at `1/alpha` of the test's own share of `falseHalt`. By Ville's
 * inequality and the union bound a release within both rates is ever halted with a chance of at most `falseHalt`.
 *
 * @throws UnreadableEvidenceError when a count or a rate cannot be true: pause then
 */
export function assessEvidence(cohorts: readonly CohortCounts[], settings: HaltSettings): Assessment {
  const test = scopeTests(settings);
  const tested = cohorts.filter(({ cohort }) => isEvidence(cohort));
  if (new Set(tested.map(({ cohort }) => cohort)).size < tested.length) {
    throw new UnreadableEvidenceError('cohorts', 'must name each cohort once');
  }
  tested.forEach(checkCounts);
  const tests = [
    ...test('pooled', poolOf(tested)),
    ...(settings.hasTagStage === true ? test('tagged', tagPoolOf(tested)) : []),
    ...tested.flatMap((counts) => test({ cohort: counts.cohort }, counts)),
  ];
  const because = tests
    .filter(crosses)
    .toSorted((a, b) => b.eLog - b.lineLog - (a.eLog - a.lineLog))
    .at(0);
  return because === undefined ? { verdict: 'continue', tests } : { verdict: 'halt', because, tests };
}

/** The counts of all cohorts together but those of stages by tag. */
export const poolOf = (cohorts: readonly CohortCounts[]): ScopeCounts =>
  sumOf(cohorts.filter(({ pooled }) => pooled !== false));

/** The counts of all cohorts of stages by tag together: of a few devices of each of many versions no cohort alone says anything. */
export const tagPoolOf = (cohorts: readonly CohortCounts[]): ScopeCounts =>
  sumOf(cohorts.filter(({ pooled }) => pooled === false));

function sumOf(all: readonly ScopeCounts[]): ScopeCounts {
  const sum = (pick: (counts: ScopeCounts) => number): number =>
    all.reduce((total, counts) => total + pick(counts), 0);
  return {
    n: sum(({ n }) => n),
    bad: { failureRate: sum(({ bad }) => bad.failureRate), lostRate: sum(({ bad }) => bad.lostRate) },
  };
}

function checkCounts({ cohort, n, bad }: CohortCounts): void {
  const field = `cohort ${readCount('cohort', cohort)}`;
  readCount(`${field}.n`, n);
  const k = BAD_KINDS.reduce((sum, kind) => sum + readCount(`${field}.${kind}`, bad[kind]), 0);
  if (k > n) throw new UnreadableEvidenceError(field, `${k} bad of only ${n} exposed`);
}
