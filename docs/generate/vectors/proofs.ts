import { DEVICE, FIRMWARE } from './offers.ts';
import { sha256Of } from './signing.ts';

/** The attempt that the checks speak of: its device asked with `begins`, and was granted. */
export const ATTEMPT = {
  rollout: '01JD0000000000000000000001',
  attempt: '01JD0000000000000000000002',
  from: DEVICE.version,
  target: '2.1.0',
  sha256: sha256Of(FIRMWARE),
  bootId: 'b7e1c0d2f3',
};

/** What the backend takes from a check: how the attempt ends, or that it goes on. */
export interface ProofVector {
  readonly name: string;
  /** What of the attempt the backend has heard before: nothing since its permit, or "rebooting". */
  readonly heard: 'granted' | 'rebooting';
  readonly payload: string;
  readonly outcome: 'good' | 'reverted' | 'interrupted' | 'goes-on';
}

const TARGET = { version: ATTEMPT.target, digest: ATTEMPT.sha256 };
const OLD = { version: ATTEMPT.from };
const last = (state: string, seq: number) => ({
  last: { rollout: ATTEMPT.rollout, attempt: ATTEMPT.attempt, state, seq },
});

function vector(
  outcome: ProofVector['outcome'],
  name: string,
  heard: ProofVector['heard'],
  main: Readonly<Record<string, string>>,
  changes: object = last('rebooting', 1),
): ProofVector {
  const check = {
    v: 1,
    nonce: 'n7Qw2xLk',
    hardware: DEVICE.hardware,
    components: { main },
    bootId: 'c4a9e6b180',
    confirmed: true,
    ...changes,
  };
  return { name, heard, payload: JSON.stringify(check), outcome };
}

/** Every vector of a check after an install. */
export const PROOFS: readonly ProofVector[] = [
  vector('good', 'the target in a new boot', 'rebooting', TARGET),
  vector('good', 'the same from a device that tells no digest', 'rebooting', { version: ATTEMPT.target }),
  vector('good', 'the same from a device that said nothing before', 'granted', TARGET),
  vector(
    'good',
    'power was lost between the next boot being set and "rebooting"',
    'granted',
    TARGET,
    last('installing', 0),
  ),
  vector('good', 'a device that lost what it kept', 'rebooting', TARGET, {}),
  vector('goes-on', 'a trial image', 'rebooting', TARGET, { ...last('rebooting', 1), confirmed: false }),
  vector('goes-on', 'the boot that asked for the permit', 'rebooting', TARGET, {
    ...last('rebooting', 1),
    bootId: ATTEMPT.bootId,
  }),
  vector('reverted', 'the old version after "rebooting"', 'rebooting', OLD),
  vector('reverted', 'the old version, from a device that said nothing before', 'granted', OLD),
  vector('reverted', 'the target under a version that is spelt otherwise', 'rebooting', {
    ...TARGET,
    version: 'v2.1.0',
  }),
  vector('reverted', 'the target with the name of a build', 'rebooting', { ...TARGET, version: '2.1.0+b7' }),
  vector('reverted', 'another digest under the right version', 'rebooting', {
    ...TARGET,
    digest: '0'.repeat(64),
  }),
  vector('interrupted', 'the old version before "rebooting"', 'granted', OLD, last('installing', 0)),
  vector('interrupted', 'power was lost before the attempt was kept', 'granted', OLD, {}),
  vector(
    'goes-on',
    'the old version, and a report of the failure is on its way',
    'granted',
    OLD,
    last('failed', 1),
  ),
];
