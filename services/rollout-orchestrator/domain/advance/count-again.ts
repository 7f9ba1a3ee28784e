import { unlessAhead } from '../clock/ahead.ts';
import { backSinceMs, NEVER_AWAY, type TimesAway } from '../clock/away.ts';
import type { Stage } from '../document/rollout-document.ts';
import type { CompletionVerdict } from '../stages/completion.ts';
import type { Fleet } from './fleet.ts';
import type { Progress } from './progress.ts';

/** Counting a million devices takes less: a count that has not come after so long is asked for again. */
const COUNT_WITHIN_MS = 120_000;
/** What selectors look at may change without the registry knowing of it: versions do. */
const COUNT_EVERY_MS = 3_600_000;
/** The same where no count would let anybody in or keep anybody out: a count reads every device of the tenant. */
const COUNT_SELDOM_MS = 24 * COUNT_EVERY_MS;
/** The rest between two counts for each device that one has to read: 100 devices a minute, 6,000 an hour. */
const REST_FOR_EACH_DEVICE_MS = 600;
const SHORTEST_REST_MS = 30_000;

/** Whether the members of a rollout are to be counted now: in any case, only where devices have changed since, or not. */
export type CountNeed = 'count' | 'count-if-changed' | 'nothing';

/** The open stage, as far as a count goes. */
export type CountedStage = Pick<Progress, 'stage' | 'stageOpenedMs' | 'stageFull'> & Pick<Stage, 'kind'>;

/**
 * A ceiling is a share of the devices that there are. They are counted again when the count that was asked for at the launch has not
 * come, for whatever reason (at once where the backend was `away` since the opening: it may have ended before it asked), or was noted by a
 * clock that has been put back since; at the opening of a stage, by tag in any case and else where devices have come or gone; when they
 * have done so later, as soon as the last count is old enough for what it costs; once an hour, or once a day while the last stage has room
 * left; and where nothing but a count keeps the rollout from being completed.
 */
export function countNeed(
  progress: CountedStage,
  fleet: Fleet,
  completion: CompletionVerdict,
  nowMs: number,
  away: TimesAway = NEVER_AWAY,
): CountNeed {
  const { looked = 0 } = fleet;
  const countedMs = unlessAhead(fleet.countedMs, nowMs);
  const countAskedMs = unlessAhead(fleet.countAskedMs, nowMs) ?? 0;
  const isAwaited = countAskedMs > (countedMs ?? 0) && nowMs <= countAskedMs + COUNT_WITHIN_MS;
  if (isAwaited) return 'nothing';
  // Opened by a clock that has been put back since, it was opened long ago for all that is known.
  const openedMs = unlessAhead(progress.stageOpenedMs, nowMs) ?? 0;
  const isCutOff = openedMs < backSinceMs(away);
  if (!completion.completes && completion.waitsFor === 'count') return 'count';
  // Once the clock has come there again, changes since would seem to be older than that count.
  const isNotedAhead = countedMs === undefined && fleet.countedMs !== undefined;
  const isOfStage = fleet.stage === progress.stage;
  if (countedMs === undefined)
    return nowMs > openedMs + COUNT_WITHIN_MS || isCutOff || isNotedAhead ? 'count' : 'nothing';
  if (!isOfStage && progress.kind === 'tag') return 'count';
  const everyMs = hasRoomToTheEnd(progress, completion) ? COUNT_SELDOM_MS : COUNT_EVERY_MS;
  if (nowMs > countedMs + everyMs) return 'count';
  const restMs = isOfStage ? Math.max(SHORTEST_REST_MS, looked * REST_FOR_EACH_DEVICE_MS) : 0;
  return nowMs > countedMs + restMs ? 'count-if-changed' : 'nothing';
}

/**
 * Whether the last stage is open and has room: whoever comes is served without a count, and who is missing, often for days until the
 * rollout has settled, is missing with one, too.
 */
const hasRoomToTheEnd = (
  { stageFull }: Pick<Progress, 'stageFull'>,
  completion: CompletionVerdict,
): boolean => !stageFull && !completion.completes && completion.waitsFor !== 'stages';
