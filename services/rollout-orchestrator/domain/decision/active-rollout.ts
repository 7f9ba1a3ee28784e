import type { RolloutState } from '#shared/contracts/events/rollout-events.ts';
import type { RolloutDocument, Stage } from '../document/rollout-document.ts';
import type { HoldOut } from '../holdout/hold-out.ts';
import { compileSelector, type SelectorPredicate } from '../selector/compile-selector.ts';
import { parseSelector } from '../selector/parse-selector.ts';
import { rankBound, stageAt } from '../stages/stage-reach.ts';

/** The bytes of a release for one hardware. */
export interface ReleaseArtifact {
  readonly hardware: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Key in the firmware bucket. */
  readonly key: string;
}

/** What a decision needs to know of a release. */
export interface ReleaseFacts {
  /** `<product>/<version>`. */
  readonly name: string;
  readonly version: string;
  readonly sequence: number;
  /** False from the moment a revocation is known. */
  readonly published: boolean;
  /** Lowest version it may be installed from. */
  readonly fromMin?: string;
  readonly artifacts: readonly ReleaseArtifact[];
}

/** A rollout as a decision looks at it: plain data, at most five seconds old. */
export interface ActiveRollout {
  readonly rollout: string;
  readonly tenant: string;
  readonly product: string;
  readonly state: RolloutState;
  /** Why it is paused or halted, where it is. */
  readonly reason?: string;
  readonly launchedMs: number;
  readonly document: RolloutDocument;
  readonly release: ReleaseFacts;
  /** Index of the open stage. */
  readonly stage: number;
  /** Members of the rollout; 0 until they have been counted, while `offeredUpTo` is 0 too. */
  readonly members: number;
  /** Offers go to ranks below (see `moveCursor`). */
  readonly offeredUpTo: number;
  /** As many are exposed as the open stage may expose. */
  readonly stageFull: boolean;
  /** That of the release, whichever rollout asked for it. */
  readonly holdOut?: HoldOut;
}

/** A rollout made ready to be asked for one device after the other. */
export interface PreparedRollout extends ActiveRollout {
  readonly matches: SelectorPredicate;
  readonly artifactByHardware: ReadonlyMap<string, ReleaseArtifact>;
  readonly openStage: Stage;
  readonly isLastStage: boolean;
  /** Ranks that the open stage reaches, in (0, 1]. */
  readonly rankBound: number;
}

/** Compiles what a decision needs, once per reading of the rollout. Throws for a document or stage that cannot be. */
export function prepareRollout(active: ActiveRollout): PreparedRollout {
  const openStage = stageAt(active.document, active.stage);
  return {
    ...active,
    matches: compileSelector(parseSelector(active.document.selector)),
    artifactByHardware: new Map(active.release.artifacts.map((one) => [one.hardware, one])),
    openStage,
    isLastStage: active.stage + 1 === active.document.stages.length,
    rankBound: rankBound(openStage, active.members),
  };
}

/** The order in which rollouts are asked: the higher priority first, then the newer launch, then the greater id. */
export function inPriorityOrder<Rollout extends ActiveRollout>(rollouts: readonly Rollout[]): Rollout[] {
  return [...rollouts].sort(
    (one, other) =>
      other.document.priority - one.document.priority ||
      other.launchedMs - one.launchedMs ||
      (other.rollout > one.rollout ? 1 : -1),
  );
}
