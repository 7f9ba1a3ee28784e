import { ANY_RUN, matchesPattern, type PatternPart, parsePattern } from '#host/rights/wildcard-pattern.ts';
import type { DeviceIdentity } from './device-identity.ts';
import { type PolicyVariable, policyVariableOf } from './policy-variable.ts';

/** Whether a resource is one of those that a statement names, for that device. */
export type ResourcePattern = (arn: string, identity: DeviceIdentity) => boolean;

/** What AWS reads as the character itself (IAM user guide, "Policy variables", special characters). */
const CHARACTERS: ReadonlySet<string> = new Set(['*', '?', '$']);

/**
 * Compiles the resource of a statement. `*` and `?` are wildcards, MQTT's `+` and `#` are not (AWS IoT Core developer guide,
 * "Using wildcard characters in MQTT and AWS IoT Core policies"). The value of a variable stands for itself, whatever
 * characters it has. A variable without a value fails closed: in an Allow it matches nothing, in a Deny it matches anything.
 * `refuse` is called for a variable that is not known.
 */
export function compileResource(
  resource: string,
  effect: 'Allow' | 'Deny',
  refuse: (rule: string) => never,
): ResourcePattern {
  const parts = resource.split(/(\$\{[^}]*\})/).flatMap((part): (PatternPart | PolicyVariable)[] => {
    const name = /^\$\{(.*)\}$/.exec(part)?.[1];
    if (name === undefined) return parsePattern(part);
    if (CHARACTERS.has(name)) return [name];
    return [policyVariableOf(name) ?? refuse(`has the variable ${part}, which is not supported`)];
  });
  if (parts.some((part) => typeof part === 'string' && part.includes('${')))
    refuse('has a variable that is not closed');
  const fixed = parts.filter((part) => typeof part !== 'function');
  if (fixed.length === parts.length) return (arn) => matchesPattern(fixed, arn);

  return (arn, identity) => {
    const resolved: PatternPart[] = [];
    for (const part of parts) {
      const value = typeof part === 'function' ? part(identity) : part;
      if (value === undefined && effect === 'Allow') return false;
      resolved.push(value ?? ANY_RUN);
    }
    return matchesPattern(resolved, arn);
  };
}
