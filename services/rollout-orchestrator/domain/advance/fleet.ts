import type { RolloutDocument } from '../document/rollout-document.ts';
import { type HoldOut, isHoldingBack } from '../holdout/hold-out.ts';
import { ceilingOfStage } from '../stages/stage-reach.ts';
import type { Progress } from './progress.ts';

/** How many devices a rollout has, as they were last counted. */
export interface Fleet {
  readonly members?: number;
  /** Members that carry the tag of the stage they were counted for. */
  readonly tagged?: number;
  /** Of those, who took part already when they were counted for that stage for the first time. */
  readonly taggedBefore?: number;
  /** Devices that match the selector and are held back: no members until the hold-out has ended and the last stage is open. */
  readonly heldBack?: number;
  /** Index of the stage they were counted for. */
  readonly stage?: number;
  /** When that count began and ended, milliseconds since 1970. */
  readonly countBeganMs?: number;
  readonly countedMs?: number;
  /** How often changes of the product's devices had been noted when it began; absent as 0. */
  readonly changeNotes?: number;
  /** Devices of the tenant that it had to look at. */
  readonly looked?: number;
  /** When a count was last asked for because the one before had grown old, milliseconds since 1970. */
  readonly countAskedMs?: number;
  /** When a member last asked for a permit and had to wait, milliseconds since 1970. */
  readonly lastUnservedMs?: number;
}

/** A fleet with the rollout that it was counted for. */
interface FleetView {
  readonly document: RolloutDocument;
  readonly progress: Pick<Progress, 'stage'>;
  readonly fleet: Fleet;
}

/** The fleet with those who were held back when it was counted and are not any more. */
export function fleetNow(
  { document, progress, fleet, holdOut }: FleetView & { readonly holdOut?: HoldOut },
  nowMs: number,
): Fleet {
  const { members, heldBack = 0 } = fleet;
  const isLastStage = progress.stage + 1 === document.stages.length;
  if (members === undefined || holdOut === undefined || isHoldingBack(holdOut, isLastStage, nowMs))
    return fleet;
  return { ...fleet, members: members + heldBack, heldBack: 0 };
}

/** How many devices the open stage may expose: none as long as the members have not been counted. */
export function stageCeilingOf({ document, progress, fleet }: FleetView): number {
  if (fleet.members === undefined) return 0;
  return ceilingOfStage(document, progress.stage, fleet.members);
}

/** Members that carry the tag of the open stage; `undefined` until they were counted for that very stage. */
export const taggedOf = ({ fleet, progress }: Pick<FleetView, 'fleet' | 'progress'>): number | undefined =>
  fleet.stage === progress.stage ? fleet.tagged : undefined;

/**
 * The fleet with a new count. Who took part before a tag stage is told by its first count alone, before which nobody is served in
 * it: later ones find those that it has served itself.
 */
export function fleetCounted<Count extends Fleet>(before: Fleet, count: Count): Count {
  const { taggedBefore } = before;
  return before.stage === count.stage && taggedBefore !== undefined ? { ...count, taggedBefore } : count;
}
