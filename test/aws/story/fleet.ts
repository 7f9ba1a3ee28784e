import type { BehaviourOf } from '#device/fleet/behaviour.ts';
import { bricking, failing, healthy } from '#device/fleet/behaviours.ts';

/** Devices of the fleet. */
export const DEVICES = 12;
/** Tag of the devices that get the bad release; all others get the good one. */
export const PILOT = 'pilot';
/** The first so many devices are pilots. */
export const PILOTS = 8;
/** On the version that goes bad. */
export const BAD_VERSION = '3.0.0';

/** By index. Several, so that one list of deadlines names more than one of them. */
const GOING_DARK = [0, 3, 5, 7];
/** Says that it failed, and why. */
const FAILING = 2;
/** Why an install of the bad release fails. */
export const FAILURE = 'flash-write';

/** Tag of the pilot that fails: it goes first, so that chance does not decide whether it gets a permit before the rollout halts. */
export const FIRST_PILOT = 'first';

/** The tags of a device, by its place in the fleet. */
export const tagsOf = (deviceIndex: number): readonly string[] => {
  if (deviceIndex >= PILOTS) return [];
  return deviceIndex === FAILING ? [PILOT, FIRST_PILOT] : [PILOT];
};

/** Every second device that gets the good release takes its permit with the answer to its check. */
export const withinSecondsOf = (deviceIndex: number): number | undefined =>
  deviceIndex >= PILOTS && deviceIndex % 2 === 0 ? 60 : undefined;

/** Everybody does well, but for some on the bad version. */
export const behaviourOf: BehaviourOf = (deviceIndex, version) => {
  if (version !== BAD_VERSION) return healthy;
  if (GOING_DARK.includes(deviceIndex)) return bricking;
  return deviceIndex === FAILING ? failing(FAILURE) : healthy;
};
