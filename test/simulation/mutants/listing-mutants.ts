import type { Mutant } from './mutant.ts';
import { SERVICE } from './places.ts';

/** Builds that show people what is not so. */
export const LISTING_MUTANTS: readonly Mutant[] = [
  {
    name: 'scrapped-listed',
    breaks: 19,
    what: 'a device that was decommissioned is shown among those in service',
    edits: [
      {
        file: `${SERVICE}/domain/device/device-choice.ts`,
        find: 'if (facts === undefined || facts.decommissioned) return false;',
        replace: 'if (facts === undefined) return false;',
      },
    ],
  },
  {
    name: 'held-unlisted',
    breaks: 19,
    what: 'the list of a rollout shows the attempts that have rows of their own, and not those that devices hold',
    edits: [
      {
        file: `${SERVICE}/steps/list-attempts.ts`,
        find: 'if (!haveRows(listing)) {',
        replace: "if (listing.rollout === '') {",
      },
    ],
  },
  {
    name: 'quarantined-unlisted',
    breaks: 19,
    what: 'a device that comes into quarantine is not in the list of those that are in it',
    edits: [
      {
        file: `${SERVICE}/stores/quarantine-writes.ts`,
        find: '  { put: { ...quarantineKey(device.tenant, device.deviceId), sinceMs: decision.atMs } },\n',
        replace: '',
      },
    ],
  },
];
