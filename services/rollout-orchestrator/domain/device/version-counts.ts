import type { VersionCount } from '#shared/contracts/api/fleet.ts';
import type { DeviceInService } from './device-choice.ts';

/** How many of these devices run which version, by product and hardware, in the order in which each was first met. */
export function versionCounts(devices: readonly DeviceInService[]): VersionCount[] {
  const counts = new Map<string, VersionCount>();
  for (const { facts, running } of devices) {
    const { product, hardware } = facts;
    // No product and no hardware holds a space, and a version is never empty.
    const name = `${product} ${hardware} ${running?.version ?? ''}`;
    const known = counts.get(name);
    if (known !== undefined) known.devices += 1;
    else counts.set(name, { product, hardware, ...(running && { version: running.version }), devices: 1 });
  }
  return [...counts.values()];
}
