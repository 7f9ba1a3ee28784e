import type { RolloutDocument, Stage } from '../document/rollout-document.ts';
import { ceilingOfShare, FIRST_COME_BELOW, WHOLE } from '../order/share.ts';

/** The ceiling of a stage that only its tag bounds: above any fleet, and small enough to be added to. */
export const UNBOUNDED = 1_000_000_000_000;

/** The stage with that index, from 0. Throws `RangeError` when the document has none: which stage is open must not be guessed. */
export function stageAt({ stages }: Pick<RolloutDocument, 'stages'>, index: number): Stage {
  const stage = stages[index];
  if (stage === undefined) throw new RangeError(`no stage ${index} in a document of ${stages.length}`);
  return stage;
}

/**
 * How many members may be exposed in all while stage `index` is open, `members` being all members of the rollout. It never falls
 * from stage to stage, whether stages say counts or shares. A tag stage has no ceiling but its tag (`UNBOUNDED`).
 */
export function ceilingOfStage(document: RolloutDocument, index: number, members: number): number {
  if (stageAt(document, index).kind === 'tag') return UNBOUNDED;
  const ceilings = document.stages.slice(0, index + 1).map((stage) => ownCeiling(stage, members));
  return Math.max(...ceilings);
}

function ownCeiling(stage: Stage, members: number): number {
  switch (stage.kind) {
    case 'count':
      return stage.count;
    case 'percent':
      return ceilingOfShare(stage.share, members);
    default:
      return 0;
  }
}

/**
 * Below which rank a device is reached by the stage, in (0, 1]. A share that is large enough for the hash is that share of the ranks.
 * Below that, and for counts, which any member may fill: first come, first served up to the ceiling. So few ranks may hold nobody, or
 * none but devices that are off: the gate of the stage could never hold.
 */
export function rankBound(stage: Stage, members: number): number {
  const isHashed = stage.kind === 'percent' && ceilingOfShare(stage.share, members) >= FIRST_COME_BELOW;
  return isHashed ? stage.share / WHOLE : 1;
}
