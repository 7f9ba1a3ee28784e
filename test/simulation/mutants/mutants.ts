import { ConfigurationError } from '#shared/errors/errors.ts';
import { COMPLETION_MUTANTS } from './completion-mutants.ts';
import { CONTROL_MUTANTS } from './control-mutants.ts';
import { COUNTING_MUTANTS } from './counting-mutants.ts';
import { DEPLOYMENT_MUTANTS } from './deployment-mutants.ts';
import { EXPOSURE_MUTANTS } from './exposure-mutants.ts';
import { HEARING_MUTANTS } from './hearing-mutants.ts';
import { LISTING_MUTANTS } from './listing-mutants.ts';
import type { Mutant } from './mutant.ts';
import { PRESENCE_MUTANTS } from './presence-mutants.ts';
import { REGISTRY_MUTANTS } from './registry-mutants.ts';
import { RELEASE_MUTANTS } from './release-mutants.ts';

/** Every broken build that the simulation must catch: for each invariant that it checks at least one. */
export const MUTANTS: readonly Mutant[] = [
  ...RELEASE_MUTANTS,
  ...EXPOSURE_MUTANTS,
  ...COUNTING_MUTANTS,
  ...HEARING_MUTANTS,
  ...COMPLETION_MUTANTS,
  ...CONTROL_MUTANTS,
  ...REGISTRY_MUTANTS,
  ...PRESENCE_MUTANTS,
  ...LISTING_MUTANTS,
  ...DEPLOYMENT_MUTANTS,
];

/** The mutant of that name. Throws `ConfigurationError` for one that there is not. */
export function mutantNamed(name: string): Mutant {
  const found = MUTANTS.find((one) => one.name === name);
  if (found === undefined)
    throw new ConfigurationError(`${name} is none of ${MUTANTS.map((one) => one.name).join(', ')}`);
  return found;
}
