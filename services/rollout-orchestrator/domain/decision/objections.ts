import { compareVersions } from '#shared/contracts/version.ts';
import { isHoldingBack, isInHoldOut } from '../holdout/hold-out.ts';
import { rank } from '../order/rank.ts';
import { mayBeginAt } from '../stages/install-hours.ts';
import type { PreparedRollout, ReleaseArtifact } from './active-rollout.ts';
import {
  type Asking,
  type DeviceFacts,
  type Inquiry,
  mostTriesOf,
  runningDigest,
  runningSequence,
  triesOf,
} from './device.ts';
import type { DeviceRule, RolloutRule } from './rules.ts';

/** What is known of a device in good standing, or the first reason in the device itself for which it gets nothing from any rollout. */
export function standingOf({ facts, says }: Inquiry): DeviceFacts | DeviceRule {
  if (facts === undefined) return 'unknown-device';
  if (facts.decommissioned) return 'decommissioned';
  if (facts.quarantined) return 'quarantined';
  if (says.hardware !== facts.hardware) return 'hardware-differs';
  if (says.product !== undefined && says.product !== facts.product) return 'product-differs';
  return facts;
}

/**
 * What this rollout has for the device, or the first reason for which it gets nothing. What rules the device out for good or for the
 * hold-out comes first, then that the rollout is paused (so that it holds back only those whom it would serve), then what only time
 * decides. For a device whose open attempt is of this rollout its turn has come already.
 */
export function artifactOrObjection(asking: Asking, rollout: PreparedRollout): ReleaseArtifact | RolloutRule {
  const { facts, nowMs } = asking;
  const artifact = artifactOrLasting(asking, rollout);
  if (typeof artifact === 'string') return artifact;
  if (isHeldOut(facts, rollout, nowMs)) return 'held-out';
  if (rollout.state === 'paused') return 'paused';
  if (holdsAttempt(facts, rollout)) return artifact;
  return passingObjection(facts, rollout, nowMs) ?? artifact;
}

/** What the rollout has for the device, whenever its turn comes, or the first reason for which it never does. */
export function artifactOrLasting(asking: Asking, rollout: PreparedRollout): ReleaseArtifact | RolloutRule {
  const { facts, says, subject } = asking;
  const { release } = rollout;
  if (rollout.tenant !== facts.tenant || rollout.product !== facts.product) return 'other-product';
  if (rollout.state !== 'running' && rollout.state !== 'paused') return 'not-running';
  if (!release.published) return 'release-not-published';
  if (!rollout.matches(subject)) return 'not-selected';
  const artifact = rollout.artifactByHardware.get(facts.hardware);
  if (artifact === undefined) return 'no-artifact';
  const digest = runningDigest(facts, says);
  const isVersion = says.version === release.version;
  if (isVersion && (digest === undefined || digest === artifact.sha256)) return 'already-running';
  // It would run what it runs now, and say the same version afterwards: that looks like an install that was taken back.
  if (digest === artifact.sha256) return 'same-bytes';
  if (release.fromMin !== undefined) {
    const order = compareVersions(says.version, release.fromMin);
    if (order === undefined) return 'from-version-unknown';
    if (order < 0) return 'from-version-too-low';
  }
  const older = olderObjection(asking, release);
  if (older !== undefined) return older;
  if (release.sequence <= facts.floor) return 'at-or-below-floor';
  const mostTries = mostTriesOf(facts, rollout.rollout, rollout.document.retry.attempts);
  if (triesOf(facts, rollout.rollout) >= mostTries && !holdsAttempt(facts, rollout)) return 'attempts-used';
  return artifact;
}

function isHeldOut(facts: DeviceFacts, rollout: PreparedRollout, nowMs: number): boolean {
  const { holdOut, product, release, isLastStage } = rollout;
  if (holdOut === undefined || !isHoldingBack(holdOut, isLastStage, nowMs)) return false;
  return isInHoldOut({ product, sequence: release.sequence }, facts.deviceId, holdOut.share);
}

function passingObjection(
  facts: DeviceFacts,
  rollout: PreparedRollout,
  nowMs: number,
): RolloutRule | undefined {
  const { openStage, document } = rollout;
  if (document.startMs !== undefined && nowMs < document.startMs) return 'not-started';
  if (openStage.kind === 'tag' && !facts.tags.includes(openStage.tag)) return 'not-tagged';
  // Another attempt exposes no further device.
  if (rollout.stageFull && triesOf(facts, rollout.rollout) === 0) return 'stage-full';
  // Ranks are below 1: who is offered to all needs none, and it costs more than all other rules together.
  if (rollout.rankBound < 1 || rollout.offeredUpTo < 1) {
    const at = rank(rollout.rollout, facts.deviceId);
    if (at >= rollout.rankBound) return 'beyond-stage';
    if (at >= rollout.offeredUpTo) return 'not-offered-yet';
  }
  return mayBeginAt(document.window, facts.attributes, nowMs) ? undefined : 'window-closed';
}

const holdsAttempt = (facts: DeviceFacts, rollout: PreparedRollout): boolean =>
  facts.open?.rollout === rollout.rollout;

/**
 * Sequences decide, where that of the running version is known; so a signed rollback with a higher sequence passes. Where it is
 * not, SemVer stands in, and a version that does not parse leaves the word to the floor.
 */
function olderObjection(asking: Asking, release: PreparedRollout['release']): RolloutRule | undefined {
  const sequence = runningSequence(asking);
  if (sequence !== undefined) return release.sequence > sequence ? undefined : 'not-newer';
  const { version } = asking.says;
  const order = compareVersions(release.version, version);
  const isAbove = order === undefined ? release.version !== version : order > 0;
  return isAbove ? undefined : 'not-above-version';
}
