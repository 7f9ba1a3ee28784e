import { durationMs, rulesOf } from '../document-rules.ts';
import { type Invariant, must } from '../invariant.ts';
import type { Known } from '../known.ts';
import type { KnownRollout } from '../known-facts.ts';

/** Clocks of servers differ by two seconds each way. */
const SKEW_MS = 5_000;

export const gatesBake: Invariant = {
  number: 3,
  rule: 'no stage opens by itself before its gate has baked while devices could be heard',
  onRow({ key, before, after, isOrdered }, _attempt, known) {
    const isOpening =
      key.endsWith(' progress') && before !== undefined && Number(after?.stage) > Number(before.stage);
    // What is found after a crash was decided before it.
    if (!isOpening || !isOrdered) return 'pass';
    const rollout = known.rollouts.get(key.slice(2, -' progress'.length));
    // By a clock that was set the time of the opening is another.
    const isSet = known.clock.setMs > 0;
    if (rollout === undefined || known.advanced.has(rollout.id) || isSet) return 'pass';
    const index = Number(before.stage);
    const { name, gate } = rulesOf(rollout).stages[index] ?? {};
    if (gate?.bake === undefined) return 'pass';
    const sinceMs = evidenceSinceMs(rollout, index, Number(before.stageOpenedMs), known);
    const heardMs = known.heardMs(sinceMs);
    return must(
      heardMs >= durationMs(gate.bake) - SKEW_MS,
      () => `stage ${name} of ${rollout.id} has baked for ${heardMs} ms, and its gate asks for ${gate.bake}`,
    );
  },
};

/** When the evidence can have sufficed at the earliest: where somebody must be confirmed, not before the first attempt of the stage has ended. */
function evidenceSinceMs(rollout: KnownRollout, index: number, openedMs: number, known: Known): number {
  const { minConfirmed = 0 } = rulesOf(rollout).stages[index]?.gate ?? {};
  if (index > 0 && minConfirmed === 0) return openedMs;
  const ends = known
    .of(rollout)
    .filter(({ grantedMs }) => grantedMs >= openedMs - SKEW_MS)
    .map(({ endedMs = Number.POSITIVE_INFINITY }) => endedMs);
  const firstMs = Math.min(...ends);
  return Number.isFinite(firstMs) ? Math.max(openedMs, firstMs) : openedMs;
}
