import type { Mutant } from './mutant.ts';
import { OBJECTIONS, SERVICE } from './places.ts';

const RELEASES = 'services/firmware-storage/stores/release-store.ts';
const PUBLISHING = 'services/firmware-storage/functions/publish-release/publish-release.ts';

/** Builds that publish, offer or permit what must not be installed. */
export const RELEASE_MUTANTS: readonly Mutant[] = [
  {
    name: 'revocation-not-heard',
    breaks: 1,
    what: 'a revocation is acknowledged, and the release is offered and permitted all the same',
    edits: [
      {
        file: `${SERVICE}/functions/on-release-revoked/on-release-revoked.ts`,
        find: 'await needs.releases.revoked(tenant, product, version);\n  const failures: unknown[] = [];\n  for (const { rollout } of await needs.rollouts.active({ tenant, product })) {',
        replace:
          'const failures: unknown[] = [];\n  for (const { rollout } of (await needs.rollouts.active({ tenant, product })).slice(0, 0)) {',
      },
    ],
  },
  {
    name: 'artifact-of-other-hardware',
    breaks: 2,
    what: 'every hardware is offered the first artifact of the release',
    edits: [
      {
        file: `${SERVICE}/domain/decision/active-rollout.ts`,
        find: 'active.release.artifacts.map((one) => [one.hardware, one])',
        replace: 'active.release.artifacts.map((one) => [one.hardware, active.release.artifacts[0] ?? one])',
      },
    ],
  },
  {
    name: 'digest-of-other-hardware',
    breaks: 4,
    what: 'a permit is for the digest of the first artifact, whatever the hardware',
    edits: [
      {
        file: `${SERVICE}/steps/permit-candidates.ts`,
        find: 'digest: decision.artifact.sha256',
        replace: 'digest: decision.rollout.release.artifacts[0]?.sha256 ?? decision.artifact.sha256',
      },
    ],
  },
  {
    name: 'downgrades',
    breaks: 5,
    what: 'neither what runs nor the floor keeps a device from an older release',
    edits: [
      {
        file: OBJECTIONS,
        find: "const older = olderObjection(asking, release);\n  if (older !== undefined) return older;\n  if (release.sequence <= facts.floor) return 'at-or-below-floor';",
        replace: 'void olderObjection;',
      },
    ],
  },
  {
    name: 'withdrawn-signs',
    breaks: 1,
    what: 'what a withdrawn key has signed is published',
    edits: [
      {
        file: PUBLISHING,
        find: '      refuseDistrusted(product, before.signature.keyId);\n',
        replace: '',
      },
    ],
  },
  {
    name: 'publish-races',
    breaks: 1,
    what: 'what a key has signed is published although the key is withdrawn before that is written',
    edits: [
      {
        file: RELEASES,
        find: '    if (signedFor) writes.push({ check: productKey(signedFor), when: [keysUnchanged(signedFor)] });\n',
        replace: '',
      },
    ],
  },
  {
    name: 'create-races',
    breaks: 1,
    what: 'what a key has signed is made a release although the key is withdrawn before that is written',
    edits: [
      {
        file: RELEASES,
        find: 'value: sequence - 1 }, keysUnchanged(product)],',
        replace: 'value: sequence - 1 }],',
      },
    ],
  },
  {
    name: 'hardware-overwritten',
    breaks: 13,
    what: 'of two people who add hardware at once, one is answered and overwritten',
    edits: [
      {
        file: 'services/firmware-storage/stores/product-store.ts',
        find: "        when: [{ attribute: 'hardwareCount', is: '=', value: before.hardware.length }] as const,\n",
        replace: '',
      },
    ],
  },
];
