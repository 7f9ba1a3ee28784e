import { subjectOf } from '../decision/device.ts';
import { lastSeen } from '../decision/is-member.ts';
import { compileSelector } from '../selector/compile-selector.ts';
import { parseSelector } from '../selector/parse-selector.ts';
import { decisionFacts } from './decision-facts.ts';
import type { DeviceRecord, RegistryFacts } from './device.ts';

/** By what devices in service are chosen; a part that is absent chooses all. */
interface DeviceChoice {
  /** A selector, which looks at each device as it was last seen. */
  readonly where: string | undefined;
  /** Only those that say that they could not download what they are offered. */
  readonly inTrouble: boolean;
}

/** A device that the registry has told of, and not taken out of service. */
export type DeviceInService = DeviceRecord & { readonly facts: RegistryFacts };

/** Whether a device is in service and chosen. Throws `RefusedError` on `where` where that is no selector. */
export function fitsChoice({
  where,
  inTrouble,
}: DeviceChoice): (device: DeviceRecord) => device is DeviceInService {
  const matches = compileSelector(where === undefined ? { kind: 'all' } : parseSelector(where, 'where'));
  return (device): device is DeviceInService => {
    const facts = decisionFacts(device);
    if (facts === undefined || facts.decommissioned) return false;
    if (inTrouble && device.running?.trouble === undefined) return false;
    return matches(subjectOf(facts, lastSeen(facts)));
  };
}
