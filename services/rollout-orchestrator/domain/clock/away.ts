import { isAhead } from '#shared/clock/ahead.ts';

/**
 * A while in which no device could be heard, milliseconds since 1970: the backend was away, or there never was such a while because the
 * clock was set ahead over it. What lasts by the clock did not go on in it.
 */
export interface Away {
  readonly fromMs: number;
  readonly untilMs: number;
  /** For how long at most devices could be heard in it after all, where several such whiles are kept as one; 0 where absent. */
  readonly heardMs?: number;
}

/** Such whiles, each apart from the others and the latest last. */
export type TimesAway = readonly Away[];

/** No such while is known. */
export const NEVER_AWAY: TimesAway = [];

/**
 * So many whiles are kept: a power cut every hour and a half of a day's bake. What is kept of them stays below a kilobyte, the unit in
 * which DynamoDB counts the writes of each look at silence.
 */
export const MOST_TIMES_AWAY = 16;

/**
 * The same with one more. Where that is one too many, the two that lie nearest to each other are kept as one, so that a host which starts
 * over and over moves nothing that was before. What lasts by the clock then lasts longer by the time between them: a gate opens, a
 * rollout settles and a permit ages too late rather than too early.
 */
export function withAway(times: TimesAway, away: Away): TimesAway {
  const apart: Away[] = [];
  for (const one of [...times, away].sort((a, b) => a.fromMs - b.fromMs)) {
    const before = apart.at(-1);
    if (before === undefined || one.fromMs > before.untilMs) apart.push(one);
    else apart[apart.length - 1] = asOne(before, one);
  }
  // One of no length tells since when devices are heard again, and only as the latest.
  const kept = apart.filter(({ fromMs, untilMs }) => untilMs > fromMs || untilMs === apart.at(-1)?.untilMs);
  while (kept.length > MOST_TIMES_AWAY) joinNearest(kept);
  return kept;
}

/** The same without those that end ahead (milliseconds since 1970), because the clock has been put back since. */
export const awayUnlessAhead = (times: TimesAway, nowMs: number): TimesAway =>
  times.filter(({ untilMs }) => !isAhead(untilMs, nowMs));

/** When devices could be heard again after the latest while, milliseconds since 1970; 0 where none is known. */
export const backSinceMs = (times: TimesAway): number => times.at(-1)?.untilMs ?? 0;

/** For how long devices could be heard from one time until another, at most: a delay is rather counted too long than too short. */
export const heardMs = (fromMs: number, untilMs: number, times: TimesAway): number =>
  times.reduce((sum, away) => {
    const withinMs = Math.min(untilMs, away.untilMs) - Math.max(fromMs, away.fromMs);
    return sum - Math.max(0, withinMs - (away.heardMs ?? 0));
  }, untilMs - fromMs);

/** When devices could certainly be heard for `durationMs` since then. */
export function afterHeardMs(sinceMs: number, durationMs: number, times: TimesAway): number {
  let atMs = sinceMs + durationMs;
  for (const { fromMs, untilMs } of times) {
    if (atMs <= fromMs) break;
    if (sinceMs < untilMs) atMs += untilMs - Math.max(sinceMs, fromMs);
  }
  return atMs;
}

/** Makes one of the two neighbours that lie nearest to each other, of several the oldest. */
function joinNearest(apart: Away[]): void {
  const gaps = apart.slice(1).map(({ fromMs }, at) => fromMs - (apart[at]?.untilMs ?? fromMs));
  const at = gaps.indexOf(Math.min(...gaps));
  const [one, next] = apart.slice(at, at + 2);
  if (one !== undefined && next !== undefined) apart.splice(at, 2, asOne(one, next));
}

/** Two as one, of which the second does not begin before the first. */
function asOne(one: Away, next: Away): Away {
  const betweenMs = Math.max(0, next.fromMs - one.untilMs);
  const heard = (one.heardMs ?? 0) + betweenMs + (next.heardMs ?? 0);
  const untilMs = Math.max(one.untilMs, next.untilMs);
  return { fromMs: one.fromMs, untilMs, ...(heard > 0 && { heardMs: heard }) };
}
