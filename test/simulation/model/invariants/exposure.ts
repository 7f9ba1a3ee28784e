import { rulesOf } from '../document-rules.ts';
import { INVOCATION_MS } from '../host-clock.ts';
import { type Invariant, must, wrong } from '../invariant.ts';
import type { Known } from '../known.ts';
import {
  isAwaited,
  isExcused,
  isFirst,
  isOpen,
  isReturned,
  type KnownAttempt,
  type KnownRollout,
} from '../known-facts.ts';
import { tagsOf, wasPicked } from '../picked.ts';

/** Clocks of servers differ by two seconds each way. */
const SKEW_MS = 5_000;

/** How many devices the open stage may expose, by the model's own arithmetic; at most all members there have been since its launch. */
function ceilingOf(rollout: KnownRollout, known: Known): number {
  const { launchedMs = 0 } = rollout;
  const members = [...known.devices.values()].filter((one) =>
    wasPicked(rollout, one, launchedMs - SKEW_MS),
  ).length;
  const own = rulesOf(rollout)
    .stages.slice(0, rollout.stage + 1)
    .map(({ count, percent, tag }) => {
      if (tag !== undefined) return 0;
      return count ?? Math.ceil((Number.parseFloat(percent ?? '0') * members) / 100 - 1e-9);
    });
  const isTagged = rulesOf(rollout).stages[rollout.stage]?.tag !== undefined;
  return isTagged ? Number.POSITIVE_INFINITY : Math.max(...own);
}

/** Permits that have not made way, and how many there may be: of all of these attempts together. They age while devices could be heard. */
function windowOf(attempts: readonly KnownAttempt[], rollout: KnownRollout, known: Known) {
  const { firstWindow, growth, youngMs } = rulesOf(rollout);
  const slackMs = SKEW_MS + known.uncountedMs;
  const isYoung = ({ grantedMs }: KnownAttempt) => known.heardMs(grantedMs) < youngMs - slackMs;
  const isOld = (one: KnownAttempt) => !isYoung(one);
  const standing = attempts.filter((one) => !isReturned(one) && (isAwaited(one) || isYoung(one))).length;
  const good = attempts.filter((one) => one.row.state === 'good' && isOld(one)).length;
  return { standing, most: Math.max(firstWindow, Math.floor(growth * good)) };
}

export const withinCeilings: Invariant = {
  number: 3,
  rule: 'no more devices are exposed than the stage allows, and no permit is granted while the window is full',
  onRow({ before, isOrdered }, attempt, known) {
    if (attempt === undefined || before?.id === attempt.id) return 'pass';
    const { rollout, row } = attempt;
    const { tag } = rulesOf(rollout).stages[rollout.stage] ?? {};
    const device = known.devices.get(attempt.thing);
    if (isOrdered && tag !== undefined && device !== undefined && !tagsOf(device).includes(tag))
      return wrong(`${attempt.thing} is exposed in a stage for ${tag}, which it is not tagged with`);
    const all = known.of(rollout);
    const first = all.filter(isFirst);
    const exposed = first.filter((one) => !isReturned(one)).length;
    const ceiling = ceilingOf(rollout, known);
    if (isFirst(attempt) && exposed > ceiling)
      return wrong(`${exposed} devices are exposed in stage ${rollout.stage}, which allows ${ceiling}`);
    const cohort = windowOf(
      all.filter((one) => one.row.cohort === row.cohort),
      rollout,
      known,
    );
    if (cohort.standing > cohort.most)
      return wrong(
        `cohort ${String(row.cohort)} has ${cohort.standing} permits out, its window is ${cohort.most}`,
      );
    const pooled = windowOf(first, rollout, known);
    return must(
      !isFirst(attempt) || pooled.standing <= pooled.most,
      () => `${pooled.standing} permits are out, the window is ${pooled.most}`,
    );
  },
};

export const haltIsFinal: Invariant = {
  number: 8,
  rule: 'no permit commits after a halt, and no offer is decided on state older than 5 s',
  onRow({ before, isOrdered }, attempt, known) {
    if (attempt === undefined || before?.id === attempt.id || !isOrdered) return 'pass';
    const { state, id } = attempt.rollout;
    if (known.unresumed.has(id))
      return wrong(`${attempt.thing} gets a permit, and nobody has resumed its rollout since the backup`);
    return must(state === 'running', () => `${attempt.thing} gets a permit although the rollout is ${state}`);
  },
  onTold({ thing, kind, body }, known) {
    if (kind !== 'offer' || body.artifact === undefined) return 'pass';
    const rollout = known.rollouts.get(String(body.rollout));
    if (rollout === undefined) return wrong(`${thing} is offered a rollout that is not there`);
    if (known.unresumed.has(rollout.id) && rollout.state === 'running')
      return wrong(`${thing} is offered a rollout that nobody has resumed since the backup`);
    const isFresh = rollout.state === 'running' || known.nowMs - rollout.sinceMs <= 5_000 + 2 * SKEW_MS;
    return must(
      isFresh,
      () =>
        `${thing} is offered a rollout that has been ${rollout.state} for ${known.nowMs - rollout.sinceMs} ms`,
    );
  },
};

export const oneAttempt: Invariant = {
  number: 14,
  rule: 'a device has one open attempt across rollouts, and no more attempts than retry allows and were excused',
  onRow({ before }, attempt, known) {
    if (attempt === undefined || before?.id === attempt.id) return 'pass';
    const own = [...known.attempts.values()].filter(({ thing }) => thing === attempt.thing);
    const open = own.filter(isOpen);
    if (open.length > 1) return wrong(`${attempt.thing} has ${open.length} open attempts`);
    const here = own.filter((one) => one.rollout === attempt.rollout && !isReturned(one));
    const used = here.filter((one) => !isExcused(one)).length;
    const { attempts } = rulesOf(attempt.rollout);
    if (here.filter(isFirst).length > 1) return wrong(`${attempt.thing} takes more than one place`);
    return must(used <= attempts, () => `${attempt.thing} has ${used} attempts of ${attempts}`);
  },
};

export const inItsTime: Invariant = {
  number: 16,
  rule: 'no permit outside of the install window and the pace',
  onRow({ before }, attempt, known) {
    if (attempt === undefined || before?.id === attempt.id) return 'pass';
    const { perMinute, window } = rulesOf(attempt.rollout);
    const slackMs = SKEW_MS + known.uncountedMs;
    const isRecent = ({ grantedMs }: KnownAttempt) => known.heardMs(grantedMs) < 60_000 - slackMs;
    const lately = known.of(attempt.rollout).filter((one) => isFirst(one) && isRecent(one)).length;
    if (isFirst(attempt) && lately > perMinute)
      return wrong(`${lately} permits in a minute, the pace is ${perMinute}`);
    if (window === undefined) return 'holds';
    // Install hours go by the clock, which may have been set since the request was judged.
    const { clock, nowMs } = known;
    const isOpenAt = (atMs: number): boolean => isWithin(window, (atMs % 86_400_000) / 60_000);
    const minute = (clock.mostMs(nowMs, 0) % 86_400_000) / 60_000;
    return must(
      isOpenAt(clock.mostMs(nowMs, INVOCATION_MS)) || isOpenAt(clock.leastMs(nowMs, INVOCATION_MS)),
      () => `${attempt.thing} gets a permit at minute ${minute}, outside of ${window.from} to ${window.to}`,
    );
  },
};

/** Whether a minute of the day lies between those two, or at most as far beside them as clocks of servers differ. */
const isWithin = ({ from, to }: { readonly from: string; readonly to: string }, minute: number): boolean =>
  minute >= minuteOf(from) - SKEW_MS / 60_000 && minute <= minuteOf(to) + SKEW_MS / 60_000;

const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

export const notToOutcasts: Invariant = {
  number: 18,
  rule: 'nothing goes to devices that are decommissioned or in quarantine (opting out is not there yet)',
  onRow({ before, isOrdered }, attempt, known) {
    if (attempt === undefined || before?.id === attempt.id || !isOrdered) return 'pass';
    const { shutOutMs } = known.devices.get(attempt.thing) ?? {};
    return must(shutOutMs === undefined, () => `${attempt.thing} gets a permit and is shut out`);
  },
  onTold({ thing, kind, body }, known) {
    if ((kind !== 'offer' || body.artifact === undefined) && body.answer !== 'granted') return 'pass';
    const { shutOutMs } = known.devices.get(thing) ?? {};
    const isNews = shutOutMs === undefined || known.nowMs - shutOutMs <= 2 * SKEW_MS;
    return must(isNews, () => `${thing} is told of ${kind} and is shut out`);
  },
};
