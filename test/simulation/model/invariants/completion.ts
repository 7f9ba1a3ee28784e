import { rulesOf } from '../document-rules.ts';
import { type Invariant, must, wrong } from '../invariant.ts';
import type { Known } from '../known.ts';
import { isExcused, isReturned, type KnownRollout } from '../known-facts.ts';
import { pickedSinceMs } from '../picked.ts';

/** Clocks of servers differ by two seconds each way. */
const SKEW_MS = 5_000;
/** A device that came or was seen to change so lately may have been counted as it was before. */
const COUNTED_WITHIN_MS = 120_000;

export const leavesNobody: Invariant = {
  number: 12,
  rule: 'a rollout completes only when every member that may be served has been, or nobody was served for settle; a standing one by hand',
  onRow({ key, before, after, isOrdered }, _attempt, known) {
    const isOver = key.endsWith(' gate') && after?.state === 'completed' && before?.state !== 'completed';
    // What is found after a crash was decided before it, on what was so then.
    if (!isOver || !isOrdered) return 'pass';
    const rollout = known.rollouts.get(key.slice(2, -' gate'.length));
    if (rollout === undefined) return wrong(`${key} completes, which is no rollout`);
    const { stages, attempts, standing } = rulesOf(rollout);
    if (standing)
      return must(
        rollout.stage === stages.length - 1 && known.advanced.has(rollout.id),
        () => `${rollout.id}, which is standing, completes by itself or before its last stage`,
      );
    if (stages.at(-1)?.percent !== '100%' || hasSettled(rollout, known)) return 'pass';
    const countBeganMs = countBeganMsOf(rollout, known);
    // A count by a clock that is put back before the next look seems to be newer than it is.
    const byMs = countBeganMs + SKEW_MS + known.clock.backMs;
    if (known.of(rollout).some(({ grantedMs }) => grantedMs > byMs))
      return wrong(`${rollout.id} completes by a count from before its last permit`);
    for (const thing of membersOf(rollout, countBeganMs, known)) {
      const own = known.of(rollout).filter((one) => one.thing === thing && !isReturned(one));
      if (own.length === 0) return wrong(`${rollout.id} completes, and ${thing} has not been served`);
      const used = own.filter((one) => !isExcused(one)).length;
      const isDone = used >= attempts || own.some(({ row }) => row.state === 'good');
      if (!isDone) return wrong(`${rollout.id} completes, and ${thing} has an attempt left`);
    }
    return must(rollout.stage === stages.length - 1, () => `${rollout.id} completes before its last stage`);
  },
};

/** Whether nobody has been served for so long, while devices could be heard, that a rollout may complete whoever is left. */
function hasSettled(rollout: KnownRollout, known: Known): boolean {
  const { settleMs } = rulesOf(rollout);
  const openedMs = rollout.opened?.sinceMs ?? known.nowMs;
  const served = known.of(rollout).map(({ grantedMs }) => grantedMs);
  return known.heardMs(Math.max(openedMs, ...served)) >= settleMs - SKEW_MS - known.uncountedMs;
}

/** When the count of its members that was noted last began, in true time. */
function countBeganMsOf({ id }: KnownRollout, { items, clock }: Known): number {
  return clock.firstMs(Number(items.get(`R#${id} fleet`)?.countBeganMs));
}

/**
 * Devices that the rollout must have served: all that it picks, but those that others have updated, those that are shut out, and those
 * that came or changed after its members were counted, or right before.
 */
function membersOf(rollout: KnownRollout, countBeganMs: number, { devices, nowMs }: Known): string[] {
  const { plan, release } = rollout;
  const untilMs = Math.min(nowMs - COUNTED_WITHIN_MS, countBeganMs - SKEW_MS);
  const leaves = String(plan.document.selector).includes('version');
  return [...devices].flatMap(([thing, device]) => {
    const { seen, shutOutMs } = device;
    const sinceMs = pickedSinceMs(rollout, device);
    const isPicked = sinceMs !== undefined && sinceMs <= untilMs && shutOutMs === undefined;
    const isElsewhere = seen !== undefined && seen.version >= release.version;
    const isNew = seen !== undefined && seen.sinceMs > untilMs;
    return isPicked && !(leaves && (isElsewhere || isNew)) ? [thing] : [];
  });
}
