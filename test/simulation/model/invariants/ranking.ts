import { rulesOf } from '../document-rules.ts';
import { type Invariant, must } from '../invariant.ts';
import type { Known } from '../known.ts';
import type { KnownDevice, KnownRollout } from '../known-facts.ts';
import { pickedSinceMs } from '../picked.ts';
import { isHeldOut } from './caution.ts';

/** A request is judged, by slow reads, so long before its permit is written. */
const JUDGED_WITHIN_MS = 60_000;

export const highestFirst: Invariant = {
  number: 14,
  rule: 'of several rollouts that would serve a device the one of the highest priority does, then the newest; one that is paused holds it back from those below',
  onRow({ before, isOrdered }, attempt, known) {
    if (attempt === undefined || before?.id === attempt.id || !isOrdered) return 'pass';
    const { rollout, thing } = attempt;
    const device = known.devices.get(thing);
    if (device === undefined) return 'pass';
    const higher = [...known.rollouts.values()].find(
      (one) => isAbove(one, rollout, known) && wouldServe(one, device, thing, known),
    );
    return must(
      higher === undefined,
      () =>
        `${thing} gets a permit of rollout ${rollout.id}, and ${higher?.id} comes first, which is ${higher?.state}`,
    );
  },
};

/** Whether a rollout of the same product comes before another. Which is newer the clock of the host says, unless it was put back. */
function isAbove(one: KnownRollout, other: KnownRollout, { clock }: Known): boolean {
  if (one === other || one.tenant !== other.tenant || one.launchedMs === undefined) return false;
  const [own, others] = [one, other].map(({ plan }) => Number(plan.document.priority));
  if (own !== others) return Number(own) > Number(others);
  return clock.backMs === 0 && one.launchedMs > (other.launchedMs ?? 0);
}

/** Whether it certainly has served or held back that device for as long as a request may be judged on. */
function wouldServe(rollout: KnownRollout, device: KnownDevice, thing: string, known: Known): boolean {
  const { state, sinceMs, launchedMs = known.nowMs, release } = rollout;
  const byMs = known.nowMs - JUDGED_WITHIN_MS;
  const isSettled = Math.max(sinceMs, launchedMs, device.sinceMs, device.seen?.sinceMs ?? known.nowMs) < byMs;
  const { version, claims, seen, floor } = device;
  const isBehind =
    version === claims &&
    version === seen?.version &&
    version < release.version &&
    version >= (release.fromMin ?? version) &&
    floor.sequence < release.sequence;
  const isIts = (pickedSinceMs(rollout, device) ?? known.nowMs) < byMs && !isHeldOut(rollout, thing);
  const isFresh = !known.of(rollout).some((one) => one.thing === thing);
  if (
    !isSettled ||
    !isBehind ||
    !isIts ||
    !isFresh ||
    known.withdrawn.has(`${rollout.tenant} ${release.version}`)
  )
    return false;
  return state === 'paused' || (state === 'running' && isOpenFor(rollout, byMs, known));
}

/** Whether its last stage has room for everybody, and had for so long. */
function isOpenFor(rollout: KnownRollout, byMs: number, known: Known): boolean {
  const { stages, window } = rulesOf(rollout);
  const progress = known.items.get(`R#${rollout.id} progress`);
  const { upTo = 0 } = (progress?.cursor ?? {}) as { readonly upTo?: number };
  const [opened, moved] = [rollout.opened, rollout.moved];
  const isOpen = rollout.stage === stages.length - 1 && stages.at(-1)?.percent === '100%' && upTo >= 1;
  const isStill = known
    .of(rollout)
    .every(({ grantedMs, endedMs = 0 }) => Math.max(grantedMs, endedMs) < byMs);
  const isOld = (opened?.sinceMs ?? known.nowMs) < byMs && (moved?.sinceMs ?? known.nowMs) < byMs;
  return isOpen && isStill && isOld && progress?.stageFull === false && window === undefined;
}
