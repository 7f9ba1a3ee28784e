import type { KnownDevice, KnownRollout } from './known-facts.ts';

/** Whether a rollout picks a device of its tenant that has these tags. */
const picksWith = (
  { tenant, plan }: KnownRollout,
  { traits }: KnownDevice,
  tags: readonly string[],
): boolean => traits.tenant === tenant && plan.picks(tags === traits.tags ? traits : { ...traits, tags });

/** The tags that the orchestrator knows a device to have. */
export const tagsOf = ({ tagged, traits }: KnownDevice): readonly string[] =>
  tagged.at(-1)?.tags ?? traits.tags;

/** The tags that it knew the device to have at any time since, each as they were together. */
function tagsSince({ tagged, traits }: KnownDevice, sinceMs: number): (readonly string[])[] {
  if (tagged.length === 0) return [traits.tags];
  return tagged.filter((_, at) => (tagged[at + 1]?.sinceMs ?? sinceMs) >= sinceMs).map(({ tags }) => tags);
}

/** Whether a rollout picks a device as the orchestrator knows it now. */
export const isPicked = (rollout: KnownRollout, device: KnownDevice): boolean =>
  picksWith(rollout, device, tagsOf(device));

/** Whether it picked the device at any time since. */
export const wasPicked = (rollout: KnownRollout, device: KnownDevice, sinceMs: number): boolean =>
  tagsSince(device, sinceMs).some((tags) => picksWith(rollout, device, tags));

/** Whether the device had a tag at any time since. */
export const hadTag = (device: KnownDevice, tag: string, sinceMs: number): boolean =>
  tagsSince(device, sinceMs).some((tags) => tags.includes(tag));

/** Since when it has picked the device without a break in which that was decommissioned; `undefined` where it does not. */
export function pickedSinceMs(rollout: KnownRollout, device: KnownDevice): number | undefined {
  if (!isPicked(rollout, device)) return undefined;
  const lastLeft = device.tagged.findLastIndex(({ tags }) => !picksWith(rollout, device, tags));
  const sinceMs = device.tagged[lastLeft + 1]?.sinceMs ?? device.knownSinceMs;
  return sinceMs === undefined ? undefined : Math.max(sinceMs, device.backSinceMs ?? 0);
}
