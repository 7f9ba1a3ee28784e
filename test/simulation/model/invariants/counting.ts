import type { Item } from '#shared/capabilities/table.ts';
import { rulesOf } from '../document-rules.ts';
import { type Invariant, must, type Verdict, wrong } from '../invariant.ts';
import type { Known } from '../known.ts';
import { isExcused, isFirst, isReturned, type KnownAttempt, type KnownRollout } from '../known-facts.ts';
import { everythingSealed } from './sealing.ts';

const ORDER = ['granted', 'installing', 'rebooting'];

/** What an attempt must have been counted as. */
function kindsOf({ row }: KnownAttempt): string[] {
  const kinds = row.reached === 'granted' ? [] : ['installing'];
  // Also while it is open: its device is in quarantine then.
  if (row.excused === 1) kinds.push('excused');
  else if (row.endedMs !== undefined) kinds.push(row.transient === 1 ? 'transient' : String(row.state));
  if (row.recovered === 1) kinds.push('recovered');
  return kinds;
}

function countedBy(attempts: readonly KnownAttempt[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const attempt of attempts)
    for (const kind of kindsOf(attempt)) add(sums, `${String(attempt.row.cohort)}.${kind}`, 1);
  return sums;
}

function countersOf(id: string, known: Known): Map<string, number> {
  const sums = new Map<string, number>();
  for (let shard = 0; shard < 16; shard += 1) {
    const item = known.items.get(`C#${id}#${String(shard).padStart(2, '0')} count`) ?? {};
    for (const [attribute, value] of Object.entries(item)) {
      const [, name] = /^(?:\d+\.)?(\d+\.[a-z]+)$/.exec(attribute) ?? [];
      if (name !== undefined) add(sums, name, Number(value));
    }
  }
  return sums;
}

const add = (sums: Map<string, number>, name: string, count: number) =>
  sums.set(name, (sums.get(name) ?? 0) + count);

const textOf = (sums: ReadonlyMap<string, number>): string =>
  [...sums]
    .filter(([, count]) => count !== 0)
    .sort()
    .map(([name, count]) => `${name}=${count}`)
    .join(' ');

function compare(rollout: KnownRollout, known: Known): Verdict {
  const attempts = known.of(rollout);
  const [rows, counters] = [textOf(countedBy(attempts)), textOf(countersOf(rollout.id, known))];
  if (rows !== counters) return wrong(`counters say ${counters}, rows say ${rows}`);
  const gate: Item = known.items.get(`R#${rollout.id} gate`) ?? {};
  const granted = attempts.filter(isFirst).length;
  if (Number(gate.granted) !== granted)
    return wrong(`the gate has granted ${String(gate.granted)}, rows say ${granted}`);
  for (const [cohort, own] of Map.groupBy(attempts, ({ row }) => row.cohort)) {
    const count = Number(gate[`granted.${String(cohort)}`]);
    if (count !== own.length)
      return wrong(`the gate has granted ${count} to cohort ${String(cohort)}, rows say ${own.length}`);
  }
  for (const { thing, excusedWhile = 'halted' } of attempts)
    if (excusedWhile !== 'halted' && !known.devices.get(thing)?.wasInQuarantine)
      return wrong(
        `what ${thing} did is taken out of the evidence, and rollout ${rollout.id} is ${excusedWhile}`,
      );
  return attempts.length === 0 ? 'pass' : 'holds';
}

export const countersEqualRows: Invariant = {
  number: 6,
  rule: 'counters equal the rows, only first attempts are evidence, and people take out of it only what has halted the rollout',
  onLook(known) {
    for (const rollout of known.rollouts.values()) {
      if (!known.touched.has(rollout.id)) continue;
      const verdict = compare(rollout, known);
      if (verdict !== 'holds' && verdict !== 'pass') return verdict;
    }
    return known.attempts.size === 0 ? 'pass' : 'holds';
  },
  onEnd(known) {
    for (const rollout of known.rollouts.values())
      if (rollout.state === 'running' && isLookedAt(rollout, known) && saysHalt(rollout, known))
        return wrong(`the rows of rollout ${rollout.id} say halt, and it runs`);
    return 'holds';
  },
  onRow(_change, attempt) {
    if (attempt === undefined) return 'pass';
    const { number, cohort } = attempt.row;
    return must(
      Number(number) > 1 === (cohort === 201),
      () => `attempt ${String(number)} of ${attempt.thing} is counted in cohort ${String(cohort)}`,
    );
  },
};

/** A rollout is looked at once a minute at least, and right after an attempt has ended. */
const LOOKED_AT_WITHIN_MS = 65_000;

/** Whether a rollout has been looked at since its last attempt ended. */
const isLookedAt = (rollout: KnownRollout, known: Known): boolean =>
  known.of(rollout).every(({ endedMs = 0 }) => known.nowMs - endedMs > LOOKED_AT_WITHIN_MS);

/** Alternatives that the mixture averages over (docs/rollouts.md). */
const RATES = 24;

/** The logarithm of the evidence of `k` bad of `n` against a tolerated rate, by the model's own arithmetic. */
function evidenceLog(k: number, n: number, tolerated: number): number {
  const [low, high] = [Math.log(1.2 * tolerated), Math.log(0.999)];
  const logs = Array.from({ length: RATES }, (_, at) => {
    const rate = Math.exp(low + ((high - low) * at) / (RATES - 1));
    return k * Math.log(rate / tolerated) + (n - k) * Math.log((1 - rate) / (1 - tolerated));
  });
  const most = Math.max(...logs);
  return most + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - most), 0) / RATES);
}

/** What each of the two tests of all cohorts together has of the chance of a false halt (decision "alpha is split"). */
const SHARE = { failed: 0.85, lost: 0.05 } as const;

/** Whether the rows of a rollout say halt, all cohorts together. */
function saysHalt(rollout: KnownRollout, known: Known): boolean {
  const { failureRate, lostRate, falseHalt, stages } = rulesOf(rollout);
  if (stages.some(({ tag }) => tag !== undefined)) return false;
  const first = known.of(rollout).filter((one) => isFirst(one) && !isReturned(one) && !isExcused(one));
  const count = (...states: string[]) => first.filter(({ row }) => states.includes(String(row.state))).length;
  const line = (share: number) => -Math.log(falseHalt * share) + 1e-9;
  return (
    evidenceLog(count('failed', 'reverted', 'silent'), first.length, failureRate) >= line(SHARE.failed) ||
    evidenceLog(count('lost'), first.length, lostRate) >= line(SHARE.lost)
  );
}

/** From which state an end may be reached. */
const ENDS: Readonly<Record<string, readonly string[]>> = {
  good: ['rebooting'],
  failed: ['granted', 'installing', 'rebooting'],
  reverted: ['rebooting'],
  silent: ['rebooting'],
  lost: ['installing'],
  void: ['granted', 'installing'],
};

/** Whether an attempt may have come to that end: silent is also who promised to say nothing before the next boot. */
const mayEnd = ({ row }: KnownAttempt): boolean =>
  ENDS[String(row.state)]?.includes(String(row.reached)) === true ||
  (row.state === 'silent' && row.reached === 'installing' && row.promised === 1);

/** Whether an attempt may begin with its permit: its boot has said so. */
const beginsItself = ({ row, thing }: KnownAttempt, known: Known): boolean =>
  row.state === 'installing' && known.devices.get(thing)?.begins.has(String(row.boot)) === true;

/** What is over as not begun has truly not begun, and never does. */
function neverBegan(known: Known): Verdict {
  const begun = [...known.attempts.values()].find(
    ({ id, row, thing }) => row.reason === 'not-begun' && known.devices.get(thing)?.begun.has(id),
  );
  return must(
    begun === undefined,
    () => `${begun?.thing} has begun attempt ${begun?.id}, which is over as not begun`,
  );
}

export const onlyForward: Invariant = {
  number: 7,
  rule: 'an attempt follows its edges, nothing moves it back, and it is good only when its device truly runs the release',
  onRow({ before }, attempt, known) {
    if (attempt === undefined) return 'pass';
    const { row, thing } = attempt;
    const [state, reached] = [String(row.state), String(row.reached)];
    const isEnded = row.endedMs !== undefined;
    if (isEnded && !mayEnd(attempt)) return wrong(`${thing} is ${state} after ${reached}`);
    if (!isEnded && state !== reached) return wrong(`${thing} is ${state} and has reached ${reached}`);
    if (before !== undefined && before.id === row.id) {
      if (before.endedMs !== undefined && before.state !== state)
        return wrong(`${thing} was ${String(before.state)} and became ${state}`);
      if (ORDER.indexOf(reached) < ORDER.indexOf(String(before.reached)))
        return wrong(`${thing} went back from ${String(before.reached)} to ${reached}`);
    } else if (state !== 'granted' && !beginsItself(attempt, known))
      return wrong(`${thing} begins an attempt as ${state}`);
    if (state !== 'good') return 'holds';
    const provenMs = known.devices.get(thing)?.proven.get(String(row.digest));
    return must(
      provenMs !== undefined,
      () => `${thing} is counted as good and has never run ${String(row.version)}`,
    );
  },
  onLook: neverBegan,
  onEnd: neverBegan,
};

export const audited: Invariant = {
  number: 11,
  rule: 'every decision about a rollout is in the audit log; in the end each entry is under one seal of a chain',
  onLook(known) {
    for (const { id, state, stage, audited: said } of known.rollouts.values())
      if (said !== `${state} ${stage}`)
        return wrong(`rollout ${id} is ${state} in stage ${stage}, its last audit entry says ${said}`);
    for (const { thing, rollout, excusedWhile } of known.attempts.values())
      if (excusedWhile !== undefined && !rollout.hasExcuse && !known.devices.get(thing)?.wasInQuarantine)
        return wrong(`what ${thing} did is taken out of the evidence, and nothing says by whom`);
    return known.rollouts.size === 0 ? 'pass' : 'holds';
  },
  onEnd: everythingSealed,
};
