import { nextWithinHours, zoneOf } from '../stages/install-hours.ts';
import type { PreparedRollout } from './active-rollout.ts';
import {
  type DeviceFacts,
  type DeviceSays,
  type Inquiry,
  mostTriesOf,
  runningSequence,
  triesOf,
} from './device.ts';
import type { DeviceRule, Rule } from './rules.ts';

/** A reason in words: why, and what would change it where anything would. */
export interface Explanation {
  readonly explanation: string;
  readonly change?: string;
}

/** What a reason is explained by: the very values that the decision looked at. */
export interface Case {
  readonly facts: DeviceFacts;
  readonly says: DeviceSays;
  readonly released?: Inquiry['released'];
  readonly rollout: PreparedRollout;
  readonly nowMs: number;
}

/** Explains a reason that lies in the device itself. */
export function explainDeviceRule(
  rule: DeviceRule,
  { facts, says }: Pick<Inquiry, 'facts' | 'says'>,
): Explanation {
  switch (rule) {
    case 'unknown-device':
      return { explanation: 'the device is not registered', change: 'register it' };
    case 'decommissioned':
      return { explanation: 'the device is decommissioned' };
    case 'quarantined':
      return {
        explanation: 'the device is in quarantine: it contradicted itself, or two use one identity',
        change:
          'find the second user of its certificate, then release it: `evenkeel device release-from-quarantine`, or decommission it and register it anew',
      };
    case 'hardware-differs':
      return {
        explanation: `it says that it is ${says.hardware} and is registered as ${facts?.hardware}`,
        change: 'register it with the hardware it has',
      };
    case 'product-differs':
      return {
        explanation: `it says that it is a ${says.product} and is registered as a ${facts?.product}`,
        change: 'register it with the product it is',
      };
  }
}

/** Explains a reason that lies between a device and a rollout. Texts name the values, not only the rule. */
export function explainRule(rule: Exclude<Rule, DeviceRule>, on: Case): Explanation {
  const { facts, says, rollout, nowMs } = on;
  const { release, document, openStage } = rollout;
  switch (rule) {
    case 'other-product':
      return { explanation: `the rollout is for ${rollout.product}, the device is a ${facts.product}` };
    case 'not-running':
      return {
        explanation: `the rollout is ${rollout.state}${because(rollout)}`,
        ...(rollout.state === 'halted'
          ? { change: 'resume it with an excuse, or roll out a better release' }
          : {}),
        ...(rollout.state === 'draft' ? { change: 'launch it' } : {}),
      };
    case 'release-not-published':
      return { explanation: `release ${release.name} has been revoked`, change: 'roll out another release' };
    case 'not-selected':
      return {
        explanation: `the device does not match the selector: ${document.selector}${noArtifactEither(on)}`,
        change: 'change its tags or attributes, or launch a rollout that selects it',
      };
    case 'no-artifact':
      return {
        explanation: `release ${release.name} has no artifact for ${facts.hardware}`,
        change: `release a version with an artifact for ${facts.hardware}`,
      };
    case 'already-running':
      return { explanation: `it runs ${release.version} already` };
    case 'same-bytes':
      return {
        explanation: `it runs the very bytes of ${release.name} for ${facts.hardware} already, and calls them ${says.version}`,
        change: `release other bytes for ${facts.hardware}, which tell their own version`,
      };
    case 'from-version-unknown':
      return {
        explanation: `it runs ${says.version}, which is no SemVer version, and ${release.name} installs from ${release.fromMin}`,
        change: 'install a version that parses by other means',
      };
    case 'from-version-too-low':
      return {
        explanation: `it runs ${says.version}, and ${release.name} installs from ${release.fromMin} upwards`,
        change: `roll out a version from ${release.fromMin} on that installs from ${says.version} first`,
      };
    case 'not-newer':
      return {
        explanation: `it runs ${says.version} with sequence ${runningSequence(on)}, and ${release.version} has sequence ${release.sequence}`,
        change: 'roll out a release with a higher sequence',
      };
    case 'not-above-version':
      return { explanation: notAboveVersion(on), change: aboveVersion(on) };
    case 'at-or-below-floor':
      return {
        explanation: `sequence ${release.sequence} is not above the device's anti-rollback floor ${facts.floor}`,
        change: 'roll out a release with a higher sequence',
      };
    case 'attempts-used':
      return {
        explanation: `it has tried ${triesOf(facts, rollout.rollout)} of ${mostTriesOf(facts, rollout.rollout, document.retry.attempts)} times`,
        change: 'launch a new rollout of the release, with retry.attempts if it is to try more often',
      };
    case 'held-out':
      return { explanation: heldOut(on), change: 'wait for the last stage' };
    case 'paused':
      return { explanation: `the rollout is paused${because(rollout)}`, change: 'resume it' };
    case 'not-started':
      return {
        explanation: `the rollout starts at ${timeText(document.startMs)}`,
        change: 'wait until then',
      };
    case 'not-tagged':
      return {
        explanation: `stage ${openStage.name} is for devices with the tag ${openStage.kind === 'tag' ? openStage.tag : ''}`,
        change: 'wait for the next stage, or tag it',
      };
    case 'stage-full':
      return {
        explanation: `stage ${openStage.name} has exposed as many devices as it may`,
        change: 'wait for the next stage',
      };
    case 'beyond-stage':
      return {
        explanation: `its place in the order of this rollout is beyond stage ${openStage.name}`,
        change: 'wait for the next stage',
      };
    case 'not-offered-yet':
      return {
        explanation: `its turn in stage ${openStage.name} has not come: offers go out a window at a time`,
        change: 'wait: the window widens as devices prove the release',
      };
    case 'window-closed':
      return {
        explanation: `the install window is closed${opensText(on, nowMs)}`,
        change: 'wait until it opens',
      };
    case 'attempt-open':
      return {
        explanation: `attempt ${facts.open?.attempt} of rollout ${facts.open?.rollout} has not ended`,
        change: 'wait until it ends, or until its silence is scored',
      };
    case 'blocked-by-paused':
      return {
        explanation: 'a rollout of higher priority that it belongs to is paused',
        change: 'resume or abort that rollout',
      };
    case 'outranked':
      return { explanation: 'a rollout of higher priority serves it first' };
    case 'rollout-not-active':
      return { explanation: 'the rollout is not active any more' };
    case 'other-release':
      return { explanation: `the rollout is of release ${release.name}, not of the one that was asked for` };
  }
}

/** A device that was registered for hardware that is never built for would look like one that a selector leaves out. */
function noArtifactEither({ facts, rollout: { release, artifactByHardware } }: Case): string {
  if (artifactByHardware.has(facts.hardware)) return '';
  return `; nor has release ${release.name} an artifact for ${facts.hardware}`;
}

function heldOut({ rollout: { release, holdOut }, nowMs }: Case): string {
  const until = holdOut && nowMs < holdOut.untilMs ? ` until ${timeText(holdOut.untilMs)}` : '';
  return `it is in the hold-out of ${release.name}${until}`;
}

function notAboveVersion({ facts, says, released, rollout: { product, release } }: Case): string {
  const unknown =
    released === undefined
      ? `which is no release of ${product}`
      : `but not the bytes of ${product}/${says.version} for ${facts.hardware}`;
  return `it runs ${says.version}, ${unknown}, and ${release.version} is not above it`;
}

function aboveVersion({ says, released }: Case): string {
  const higher = `roll out a version above ${says.version}`;
  if (released !== undefined) return higher;
  return `${higher}; or publish what it runs as a release, and after it the older firmware as another: then their sequences decide`;
}

function opensText({ facts, rollout }: Case, nowMs: number): string {
  const { window } = rollout.document;
  if (window === undefined) return '';
  const zone = zoneOf(window, facts.attributes);
  const opensMs = nextWithinHours(window, zone, nowMs);
  return opensMs === undefined ? ` in ${zone}` : ` in ${zone} until ${timeText(opensMs)}`;
}

const because = (rollout: PreparedRollout): string =>
  rollout.reason === undefined ? '' : `: ${rollout.reason}`;
const timeText = (ms: number | undefined): string =>
  ms === undefined ? 'no time' : new Date(ms).toISOString();
