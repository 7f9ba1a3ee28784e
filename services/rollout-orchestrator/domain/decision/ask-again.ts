import { DAY_MINUTES } from '../document/install-window.ts';
import { rank } from '../order/rank.ts';
import { nextWithinHours, zoneOf } from '../stages/install-hours.ts';
import type { PreparedRollout } from './active-rollout.ts';
import type { DeviceFacts } from './device.ts';
import type { Rule } from './rules.ts';

/** A turn further away is left to the device's own interval: telling it would cost a message and gain nothing. */
const WORTH_TELLING_SECONDS = 3600;
/*
 * Waits are told in the rollout's own measure of time, the least time that a permit is young (2 minutes unless the document says
 * otherwise): nothing moves faster than that, and a bench on a scale of seconds is served in seconds.
 */
const youngSeconds = ({ document }: PreparedRollout): number => document.halt.suspectAtLeastMs / 1000;
/** Devices that wait for one moment come spread over so long after it, by their rank: 10 minutes by default. */
const spreadSeconds = (rollout: PreparedRollout): number => 5 * youngSeconds(rollout);
/** The offer cursor may stand still: nobody is asked to come back more often than this for its sake, 10 minutes by default. */
const leastTurnSeconds = (rollout: PreparedRollout): number =>
  Math.max(1, Math.ceil(5 * youngSeconds(rollout)));
/** A permit that has to wait for no known moment is asked for again after 5 to 15 minutes by default. */
const permitAgainFromSeconds = (rollout: PreparedRollout): number =>
  Math.max(1, Math.ceil(2.5 * youngSeconds(rollout)));

/** In how many seconds it is worth asking again for an offer; `undefined` where the device's own interval does. */
export function offerAgainSeconds(
  rule: Rule,
  facts: DeviceFacts,
  rollout: PreparedRollout,
  nowMs: number,
): number | undefined {
  const seconds = turnSeconds(rule, facts, rollout, nowMs);
  return seconds !== undefined && seconds <= WORTH_TELLING_SECONDS ? seconds : undefined;
}

/** In how many seconds to ask again for a permit, at least 1; never so long that a change of plan goes unheard. */
export function permitAgainSeconds(
  rule: Rule,
  facts: DeviceFacts,
  rollout: PreparedRollout,
  nowMs: number,
): number {
  const spread = Math.floor(rank(rollout.rollout, facts.deviceId) * spreadSeconds(rollout));
  const seconds = turnSeconds(rule, facts, rollout, nowMs) ?? permitAgainFromSeconds(rollout) + spread;
  return Math.min(seconds, WORTH_TELLING_SECONDS);
}

function turnSeconds(
  rule: Rule,
  facts: DeviceFacts,
  rollout: PreparedRollout,
  nowMs: number,
): number | undefined {
  const { window, startMs, pace } = rollout.document;
  const at = (): number => rank(rollout.rollout, facts.deviceId);
  if (rule === 'not-started' && startMs !== undefined) {
    return secondsUntil(startMs, nowMs) + Math.floor(at() * spreadSeconds(rollout));
  }
  if (rule === 'window-closed' && window !== undefined) {
    const zone = zoneOf(window, facts.attributes);
    const opensMs = nextWithinHours(window, zone, nowMs, WORTH_TELLING_SECONDS * 1000);
    if (opensMs === undefined) return undefined;
    const minutes = (window.toMinute - window.fromMinute + DAY_MINUTES) % DAY_MINUTES || DAY_MINUTES;
    // Within the first quarter of a short window, so that the last ones still find it open.
    return secondsUntil(opensMs, nowMs) + Math.floor(at() * Math.min(spreadSeconds(rollout), minutes * 15));
  }
  if (rule === 'not-offered-yet' && rollout.openStage.kind !== 'tag') {
    const devicesAhead = (at() - rollout.offeredUpTo) * rollout.members;
    return Math.max(leastTurnSeconds(rollout), Math.ceil((devicesAhead / pace.perMinute) * 60));
  }
  return undefined;
}

/** Whole seconds, at least 1. */
const secondsUntil = (ms: number, nowMs: number): number => Math.max(1, Math.ceil((ms - nowMs) / 1000));
