import { rulesOf } from '../document-rules.ts';
import { type Invariant, must, type Verdict, wrong } from '../invariant.ts';
import type { Known } from '../known.ts';
import type { KnownRollout } from '../known-facts.ts';
import { hadTag, isPicked, wasPicked } from '../picked.ts';

/** An offer may be decided on what was so lately (docs/rollouts.md), by clocks that differ, and takes a moment to be told. */
const OFFERED_WITHIN_MS = 15_000;

/** Whether a rollout that is offered picks the device, and its open stage is for it. */
function isOfferedToItsOwn(thing: string, rollout: KnownRollout, known: Known): Verdict {
  const device = known.devices.get(thing);
  const sinceMs = known.nowMs - OFFERED_WITHIN_MS;
  const { tag } = rulesOf(rollout).stages[rollout.stage] ?? {};
  const isIts =
    device !== undefined &&
    wasPicked(rollout, device, sinceMs) &&
    (tag === undefined || hadTag(device, tag, sinceMs));
  return must(isIts, () => `${thing} is offered rollout ${rollout.id}, which is not for it`);
}

export const nothingCrosses: Invariant = {
  number: 10,
  rule: 'nothing crosses tenants or devices, or goes to whom its rollout does not pick',
  onTold({ thing, kind, body }, known) {
    if (typeof body.attempt === 'string' && kind !== 'refused') {
      const attempt = known.attempts.get(body.attempt);
      if (attempt !== undefined && attempt.thing !== thing)
        return wrong(`${thing} is told of an attempt of ${attempt.thing}`);
    }
    if (typeof body.rollout !== 'string') return 'pass';
    const rollout = known.rollouts.get(body.rollout);
    if (rollout === undefined) return 'holds';
    if (!thing.startsWith(`${rollout.tenant}:`))
      return wrong(`${thing} is told of a rollout of ${rollout.tenant}`);
    return kind === 'offer' && body.artifact !== undefined
      ? isOfferedToItsOwn(thing, rollout, known)
      : 'holds';
  },
  onRow({ before, isOrdered }, attempt, known) {
    if (attempt === undefined || before?.id === attempt.id) return 'pass';
    const { rollout, thing } = attempt;
    const device = known.devices.get(thing);
    return must(
      // What is found after a crash may have come before its device left the selector.
      device !== undefined && (isOrdered ? isPicked(rollout, device) : wasPicked(rollout, device, 0)),
      () => `${thing} takes part in rollout ${rollout.id}, which does not select it`,
    );
  },
};
