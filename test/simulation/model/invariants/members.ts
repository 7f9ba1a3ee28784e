import type { Item } from '#shared/capabilities/table.ts';
import { type Invariant, must, type Verdict, wrong } from '../invariant.ts';
import type { Known } from '../known.ts';
import type { KnownDevice, KnownRollout } from '../known-facts.ts';
import { isPicked, pickedSinceMs, wasPicked } from '../picked.ts';

/** Clocks of servers differ by two seconds each way. */
const SKEW_MS = 5_000;
/** In a kind world members are counted again so soon after a device has changed: changes are noted half a minute ahead, and looks are a minute apart. */
const COUNTED_WITHIN_MS = 240_000;

/** Whether what a selector looks at changes without people: versions do, and members are counted again within an hour then. */
const looksAtVersions = ({ plan }: KnownRollout): boolean =>
  String(plan.document.selector).includes('version');

/** Members as a count has found them, those included that are held back for the time being. */
const foundBy = ({ members, heldBack = 0 }: Item): number => Number(members) + Number(heldBack);

/** Devices of which that is so, or that were permitted the release in the rollout before that time: those stay members. */
function numberOf(
  rollout: KnownRollout,
  known: Known,
  byMs: number,
  isSo: (one: KnownDevice) => boolean,
): number {
  const served = known.of(rollout).filter(({ grantedMs }) => grantedMs <= byMs);
  const things = new Set(served.map(({ thing }) => thing));
  return [...known.devices].filter(([thing, device]) => things.has(thing) || isSo(device)).length;
}

const isInService = ({ item }: KnownDevice): boolean => item?.decommissioned === false;

export const membersAreCounted: Invariant = {
  number: 3,
  rule: 'stages are shares of the members that there are: those who match while they are counted, and who was permitted before they left',
  onRow({ key, before, after, isOrdered }, _attempt, known) {
    const [, id = ''] = /^R#(\S+) fleet$/.exec(key) ?? [];
    const rollout = known.rollouts.get(id);
    const isCount = isOrdered && after?.countedMs !== undefined && after.countedMs !== before?.countedMs;
    if (rollout === undefined || !isCount) return 'pass';
    const beganMs = known.clock.firstMs(Number(after.countBeganMs)) - SKEW_MS;
    const most = numberOf(rollout, known, known.nowMs, (one) => wasPicked(rollout, one, beganMs));
    const least = numberOf(
      rollout,
      known,
      beganMs,
      (one) =>
        !looksAtVersions(rollout) &&
        isInService(one) &&
        (pickedSinceMs(rollout, one) ?? Number.POSITIVE_INFINITY) <= beganMs,
    );
    const found = foundBy(after);
    return must(
      found >= least && found <= most,
      () => `${found} members of rollout ${id} are counted, there are ${least} to ${most}`,
    );
  },
  onEnd(known) {
    let verdict: Verdict = 'pass';
    for (const rollout of known.rollouts.values()) {
      if (rollout.state !== 'running' || looksAtVersions(rollout) || !isAtRest(rollout, known)) continue;
      const found = foundBy(known.items.get(`R#${rollout.id} fleet`) ?? {});
      const own = numberOf(rollout, known, known.nowMs, (one) => isInService(one) && isPicked(rollout, one));
      if (found !== own)
        return wrong(`${found} members of rollout ${rollout.id} were counted last, there are ${own}`);
      verdict = 'holds';
    }
    return verdict;
  },
};

/** Whether nothing has changed of any device for so long that its members must have been counted again. */
function isAtRest({ tenant, launchedMs = 0 }: KnownRollout, known: Known): boolean {
  const changedMs = [...known.devices.values()]
    .filter(({ traits }) => traits.tenant === tenant)
    .map(({ tagged, shutOutMs = 0 }) => Math.max(shutOutMs, tagged.at(-1)?.sinceMs ?? 0));
  const lastMs = Math.max(known.recoveringSinceMs, known.upSinceMs, launchedMs, ...changedMs);
  return known.nowMs - lastMs > COUNTED_WITHIN_MS;
}
