import { AccessDeniedError } from '#shared/errors/errors.ts';
import type { Lease } from './lease.ts';
import type { Right, RightsOf } from './rights-of-calls.ts';

/** What a function may do; counts what it has done, so that rights nobody uses can be found. */
export interface Rights {
  allows(action: string, arn: string): boolean;
}

/**
 * The capability as one instance gets it: a call without the rights it needs is rejected with `AccessDeniedError`, one after
 * the instance was dropped with `RevokedError`, and neither does anything.
 */
export function guarded<Capability extends object>(
  capability: Capability,
  rightsOf: RightsOf<Capability>,
  rights: Rights,
  lease: Lease,
): Capability {
  // `RightsOf` has exactly the methods of the capability, each with that method's arguments; a loop over names loses both.
  const methods = Object.entries(rightsOf) as [keyof Capability & string, RightsOfCall][];
  const calls = methods.map(([name, rightsOfCall]) => {
    const method = capability[name] as AsyncMethod;
    const call: AsyncMethod = (...args) => {
      const refusal = refusalOf(rightsOfCall(...args), rights, lease);
      return refusal === undefined ? method.apply(capability, args) : Promise.reject(refusal);
    };
    return [name, call] as const;
  });
  return Object.fromEntries(calls) as Capability;
}

type AsyncMethod = (...args: unknown[]) => Promise<unknown>;
type RightsOfCall = (...args: unknown[]) => readonly Right[];

function refusalOf(needed: readonly Right[], rights: Rights, lease: Lease): Error | undefined {
  const revoked = lease.refusal();
  if (revoked !== undefined) return revoked;
  for (const { action, arn } of needed) {
    if (!rights.allows(action, arn)) return new AccessDeniedError(action, arn, lease.functionName);
  }
  return undefined;
}
