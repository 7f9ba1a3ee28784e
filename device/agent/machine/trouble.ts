import { backoffMs } from '#shared/retry/backoff.ts';
import type { KeptTrouble } from '../kept.ts';
import type { DownloadFailure, Job } from './state.ts';
import type { Turn } from './turn.ts';

/** Nothing makes a device stay away from what it is offered for longer than a week. */
export const LONGEST_STAY_SECONDS = 604_800;
/** One boot of 32 tries at least. */
const RAREST_BOOT_DOUBLINGS = 5;

/** What brings the very same again at the next try, and costs a whole download. */
export type Waste = Exclude<DownloadFailure, 'expired' | 'network'>;

/**
 * A download came to nothing in a way that may come again with each: what it was is kept, and it is not tried again for 1, 2, 4 ...
 * check intervals up to a week, a random half taken off. A line that is paid by the byte pays for a handful, and not for one a day.
 */
export function sufferTrouble(turn: Turn, job: Job, what: Waste): void {
  const { rollout, sha256 } = job;
  const before = turn.state.kept.trouble;
  const times = before !== undefined && isOf(before, job) ? before.times + 1 : 1;
  turn.keep({ ...turn.state.kept, trouble: { rollout, sha256, what, times } });
  spare(turn, times);
}

/** A download succeeded: what was kept of others is history. */
export function forgetTrouble(turn: Turn): void {
  const { trouble, ...kept } = turn.state.kept;
  if (trouble !== undefined) turn.keep(kept);
}

/**
 * Nobody knows how long the device was off, so that it cannot go on with its wait, and one that boots each day would begin it anew for
 * ever. Each boot may try at once instead, the first time, then every second, fourth ... time, by chance.
 */
export function recallTrouble(turn: Turn): void {
  const { trouble } = turn.state.kept;
  if (trouble === undefined) return;
  const boots = 2 ** Math.min(trouble.times - 1, RAREST_BOOT_DOUBLINGS);
  if (turn.random() * boots >= 1) spare(turn, trouble.times);
}

/** Whether what could not be downloaded is to be left alone still; anything else may be taken. */
export function isSparing({ state, nowMs }: Turn): boolean {
  return state.kept.trouble !== undefined && nowMs < state.avoidUntilMs;
}

/** What was suffered with that very thing, as long as it is to be left alone. */
export function avoided(turn: Turn, job: Job): KeptTrouble | undefined {
  const { trouble } = turn.state.kept;
  return trouble !== undefined && isSparing(turn) && isOf(trouble, job) ? trouble : undefined;
}

/** A new rollout of the same bytes is a person's decision to try again. */
const isOf = (trouble: KeptTrouble, { rollout, sha256 }: Job): boolean =>
  trouble.rollout === rollout && trouble.sha256 === sha256;

function spare(turn: Turn, times: number): void {
  const { checkIntervalMs, retryAfterSecondMs } = turn.settings.timing;
  const longestMs = Math.max(checkIntervalMs, LONGEST_STAY_SECONDS * retryAfterSecondMs);
  const waitMs = backoffMs(times - 1, { firstMs: checkIntervalMs, longestMs }, turn);
  turn.become({ avoidUntilMs: turn.nowMs + waitMs });
}
