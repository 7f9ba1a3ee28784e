import { ConfigurationError } from '#shared/errors/errors.ts';
import type { Mutant } from './mutant.ts';

const ORCHESTRATOR = 'services/rollout-orchestrator';

/** Every broken build that the simulation must catch. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'revocation-not-heard',
    breaks: 1,
    what: 'a revoked release is still offered and permitted, and its rollouts go on',
    file: `${ORCHESTRATOR}/functions/on-release-revoked/on-release-revoked.ts`,
    find: "if (whole?.record.version !== version || !isAllowed(lifeOf(whole), 'abort')) continue;",
    replace: 'continue;',
  },
];

/** The mutant of that name. Throws `ConfigurationError` for one that there is not. */
export function mutantNamed(name: string): Mutant {
  const found = MUTANTS.find((one) => one.name === name);
  if (found === undefined)
    throw new ConfigurationError(`${name} is none of ${MUTANTS.map((one) => one.name).join(', ')}`);
  return found;
}
