import { DAY_MINUTES } from '../document/install-window.ts';
import { rank } from '../order/rank.ts';
import { nextWithinHours, zoneOf } from '../stages/install-hours.ts';
import type { PreparedRollout } from './active-rollout.ts';
import type { DeviceFacts } from './device.ts';
import type { Rule } from './rules.ts';

/** A turn further away is left to the device's own interval: telling it would cost a message and gain nothing. */
const WORTH_TELLING_SECONDS = 3600;
/** Devices that wait for one moment come spread over so long after it, by their rank. */
const SPREAD_SECONDS = 600;
/** The offer cursor may stand still: nobody is asked to come back more often than this for its sake. */
const LEAST_TURN_SECONDS = 600;
/** A permit that has to wait for no known moment is asked for again after 5 to 15 minutes. */
const PERMIT_AGAIN_SECONDS = 300;

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
  const spread = Math.floor(rank(rollout.rollout, facts.deviceId) * SPREAD_SECONDS);
  const seconds = turnSeconds(rule, facts, rollout, nowMs) ?? PERMIT_AGAIN_SECONDS + spread;
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
    return secondsUntil(startMs, nowMs) + Math.floor(at() * SPREAD_SECONDS);
  }
  if (rule === 'window-closed' && window !== undefined) {
    const zone = zoneOf(window, facts.attributes);
    const opensMs = nextWithinHours(window, zone, nowMs, WORTH_TELLING_SECONDS * 1000);
    if (opensMs === undefined) return undefined;
    const minutes = (window.toMinute - window.fromMinute + DAY_MINUTES) % DAY_MINUTES || DAY_MINUTES;
    // Within the first quarter of a short window, so that the last ones still find it open.
    return secondsUntil(opensMs, nowMs) + Math.floor(at() * Math.min(SPREAD_SECONDS, minutes * 15));
  }
  if (rule === 'not-offered-yet' && rollout.openStage.kind !== 'tag') {
    const devicesAhead = (at() - rollout.offeredUpTo) * rollout.members;
    return Math.max(LEAST_TURN_SECONDS, Math.ceil((devicesAhead / pace.perMinute) * 60));
  }
  return undefined;
}

/** Whole seconds, at least 1. */
const secondsUntil = (ms: number, nowMs: number): number => Math.max(1, Math.ceil((ms - nowMs) / 1000));
