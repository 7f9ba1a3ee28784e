import { afterHeardMs, NEVER_AWAY, type TimesAway } from '../clock/away.ts';
import { isEvidence } from '../counting/cohorts.ts';
import { countOf, RETURNED_KINDS, sumCounts } from '../counting/counter-kinds.ts';
import { type Counters, totalsOf } from '../counting/counters.ts';
import { evidenceOf, type GrantedByCohort } from '../counting/evidence.ts';
import { poolOf, tagPoolOf } from '../halting/assess-evidence.ts';
import {
  crosses,
  type HaltSettings,
  type Scope,
  type ScopeCounts,
  scopeTests,
} from '../halting/scope-tests.ts';
import { boundaryOf, type EpochMark, type EpochPlan, planEpochs } from './epochs.ts';
import { type PaceMark, paceCeiling, paceEasesMs, withPaceMark } from './pace.ts';
import {
  type Growth,
  outstandingOf,
  type ScopeState,
  type ScopeWindow,
  scopeWindow,
  windowSize,
} from './scope-window.ts';
import { suspectAfterMs } from './suspect-after.ts';

/** What is known of a rollout: the counters read first, then the gate, both consistently. */
export interface WindowState {
  readonly counters: Counters;
  readonly gate: { readonly epoch: number; readonly granted: GrantedByCohort };
  /** The epoch log, rising. */
  readonly marks: readonly EpochMark[];
  readonly paceMarks: readonly PaceMark[];
  /** Cohorts of tag stages, which are tested apart. */
  readonly unpooled?: ReadonlySet<number>;
  /** When devices could last not be heard: no permit grows older by that, and no minute passes. */
  readonly away?: TimesAway;
}

/** Settings of a rollout that widening looks at. */
export interface WindowSettings extends Growth, HaltSettings {
  /** Devices that the open stages may expose. */
  readonly stageCeiling: number;
  /** Permits in any minute; without a limit when absent. */
  readonly perMinute?: number;
  /** The least time that a permit is young, in milliseconds. */
  readonly suspectAtLeastMs: number;
  /** The open stage is one by tag: what its devices have proven widens it, as they take its room, and those of
   * them that are suspect hold it up together; not so where absent. */
  readonly isByTag?: boolean;
}

/** How far a rollout may go now, and what its records should become. */
export interface WindowPlan {
  readonly suspectAfterMs: number;
  /** All first attempts together. */
  readonly pooled: ScopeWindow;
  /** Each cohort that the gate knows, retries included; one that it does not know has `firstWindow`. */
  readonly cohorts: ReadonlyMap<number, ScopeWindow>;
  readonly epochs: EpochPlan;
  readonly paceMarks: readonly PaceMark[];
  /** When time alone will change the plan, in milliseconds since 1970; absent when only evidence can. */
  readonly wakeAtMs?: number;
}

/**
 * The window with two deadlines. A permit is young until `suspectAfterMs`, then suspect until it resolves; permits are granted only while
 * young and suspect ones together stay below what the good ones that are no longer young have earned, and while the test would not halt if
 * every suspect went bad. So no success widens anything before its slow siblings could have failed. The rule holds for all first attempts
 * together and for each cohort, so that a hardware that shows up late starts at the first window.
 *
 * @throws UnreadableEvidenceError when records contradict each other: pause then
 */
export function planWindow(state: WindowState, settings: WindowSettings, nowMs: number): WindowPlan {
  const { counters, gate, marks, unpooled, away = NEVER_AWAY } = state;
  const { perMinute, stageCeiling, isByTag } = settings;
  const youngMs = suspectAfterMs(counters.delays, settings.suspectAtLeastMs);
  const scopeOf = scopesOf(state, boundaryOf(marks, nowMs, youngMs, away));
  const evidence = evidenceOf(gate.granted, counters, unpooled);
  const suspectLimit = suspectLimits(settings);
  const sizeOf = ({ old }: ScopeState): number => windowSize(settings, countOf(old.counts, ['good']));

  const windowOf = (cohort: number): ScopeWindow => {
    const scope = scopeOf(cohort);
    const outstanding = outstandingOf(`cohort ${cohort}`, scope);
    const counts = evidence.find((one) => one.cohort === cohort);
    const limits = counts && suspectLimit({ cohort }, counts, outstanding.suspects, scope.granted);
    return scopeWindow(scope.granted, outstanding, sizeOf(scope), limits ?? {});
  };

  const first = [...gate.granted.keys()].filter(isEvidence);
  const all = sumScopes(first.map(scopeOf));
  const isByATag = (cohort: number): boolean => unpooled?.has(cohort) ?? false;
  const inPool = sumScopes(first.filter((cohort) => !isByATag(cohort)).map(scopeOf));
  const byTags = sumScopes(first.filter(isByATag).map(scopeOf));
  const limitOf = (scope: 'pooled' | 'tagged', counts: ScopeCounts, state: ScopeState) =>
    suspectLimit(scope, counts, outstandingOf(scope, state).suspects, all.granted);
  const paceMarks = perMinute === undefined ? [] : withPaceMark(state.paceMarks, all.granted, nowMs, away);
  const pooled = scopeWindow(
    all.granted,
    outstandingOf('pooled', all),
    sizeOf(isByTag === true ? all : inPool),
    {
      ...limitOf('pooled', poolOf(evidence), inPool),
      ...(isByTag === true && limitOf('tagged', tagPoolOf(evidence), byTags)),
      stage: stageCeiling + countOf(all.counts, RETURNED_KINDS),
      ...(perMinute !== undefined && { pace: paceCeiling(paceMarks, perMinute, nowMs, away) }),
    },
  );
  const counted = counters.epochs.keys();
  const epochs = planEpochs({ gate, marks, counted, nowMs, suspectAfterMs: youngMs, away });
  const growsOldMs = marks.slice(1).map(({ startedMs }) => afterHeardMs(startedMs, youngMs, away));
  const wakeAtMs = earliest([
    epochs.bumpAtMs,
    ...growsOldMs.filter((atMs) => atMs > nowMs),
    pooled.blockedBy.includes('pace') ? paceEasesMs(paceMarks, nowMs, away) : undefined,
  ]);
  return {
    suspectAfterMs: youngMs,
    pooled,
    cohorts: new Map([...gate.granted.keys()].map((cohort) => [cohort, windowOf(cohort)])),
    epochs,
    paceMarks,
    ...(wakeAtMs !== undefined && { wakeAtMs }),
  };
}

/** The permits and counts of each cohort, those that are old by that boundary apart. */
function scopesOf({ gate, counters }: WindowState, boundary: EpochMark): (cohort: number) => ScopeState {
  const total = totalsOf(counters, () => true);
  const totalOld = totalsOf(counters, (epoch) => epoch < boundary.epoch);
  return (cohort) => ({
    granted: gate.granted.get(cohort) ?? 0,
    counts: total.get(cohort) ?? {},
    old: { granted: boundary.granted.get(cohort) ?? 0, counts: totalOld.get(cohort) ?? {} },
  });
}

/** Where every suspect turning bad would halt the rollout, nothing more than what was granted may be. */
function suspectLimits(settings: HaltSettings) {
  const test = scopeTests(settings);
  return (
    scope: Scope,
    { n, bad }: ScopeCounts,
    suspects: number,
    granted: number,
  ): { suspects?: number } => {
    const feared = { failureRate: bad.failureRate + suspects, lostRate: bad.lostRate + suspects };
    return test(scope, { n, bad: feared }).some(crosses) ? { suspects: granted } : {};
  };
}

function sumScopes(scopes: readonly ScopeState[]): ScopeState {
  return {
    granted: sum(scopes.map(({ granted }) => granted)),
    counts: sumCounts(scopes.map(({ counts }) => counts)),
    old: {
      granted: sum(scopes.map(({ old }) => old.granted)),
      counts: sumCounts(scopes.map(({ old }) => old.counts)),
    },
  };
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((atMs) => atMs !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
