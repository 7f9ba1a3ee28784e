/** Reasons that lie in the device, whatever the rollout. */
export type DeviceRule =
  | 'unknown-device'
  | 'decommissioned'
  | 'quarantined'
  | 'hardware-differs'
  | 'product-differs';

/** Reasons that lie between a device and one rollout, in the order in which they are looked at. */
export type RolloutRule =
  | 'other-product'
  | 'not-running'
  | 'release-not-published'
  | 'not-selected'
  | 'no-artifact'
  | 'already-running'
  | 'same-bytes'
  | 'from-version-unknown'
  | 'from-version-too-low'
  | 'not-newer'
  | 'not-above-version'
  | 'at-or-below-floor'
  | 'attempts-used'
  | 'held-out'
  | 'paused'
  | 'not-started'
  | 'not-tagged'
  | 'stage-full'
  | 'beyond-stage'
  | 'not-offered-yet'
  | 'window-closed';

/** Reasons that lie in other rollouts, and in what was asked for. */
export type OtherRule =
  | 'attempt-open'
  | 'blocked-by-paused'
  | 'outranked'
  | 'rollout-not-active'
  | 'other-release';

/** The name of every reason for which a device gets nothing. */
export type Rule = DeviceRule | RolloutRule | OtherRule;

/** Reasons that time or the rollout's own course will remove: who downloaded the release already keeps it and asks again. */
const PASSING: ReadonlySet<Rule> = new Set<Rule>([
  'held-out',
  'paused',
  'not-started',
  'not-tagged',
  'stage-full',
  'beyond-stage',
  'not-offered-yet',
  'window-closed',
  'attempt-open',
  'blocked-by-paused',
]);

/** Whether asking again later may be answered otherwise. */
export const isPassing = (rule: Rule): boolean => PASSING.has(rule);
