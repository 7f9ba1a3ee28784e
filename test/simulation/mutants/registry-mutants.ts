import type { Mutant } from './mutant.ts';
import { OBJECTIONS, SERVICE } from './places.ts';

const DEVICE_STORE = `${SERVICE}/stores/device-store.ts`;

/** Builds that do not hear, or hear too late, what people say of their devices. */
export const REGISTRY_MUTANTS: readonly Mutant[] = [
  {
    name: 'registered-as-new',
    breaks: 13,
    what: 'a device that is registered once more begins with its first version, so that it stays decommissioned elsewhere',
    edits: [
      {
        file: 'services/device-registry/domain/registration.ts',
        find: 'changed({ ...fresh, entityVersion: existing.entityVersion }, {})',
        replace: 'fresh',
      },
    ],
  },
  {
    name: 'judged-before',
    breaks: 18,
    what: 'a permit that was judged before its device was decommissioned, or got other tags, is written after that',
    edits: [{ file: DEVICE_STORE, find: '      add: { revision: 1 },\n', replace: '' }],
  },
  {
    name: 'tags-of-the-registration',
    breaks: 13,
    what: 'a device keeps the tags that it was registered with',
    edits: [
      {
        file: DEVICE_STORE,
        find: "      ...change,\n      when: [{ attribute: 'entityVersion', is: '<='",
        replace:
          "      ...change,\n      set: { entityVersion, decommissioned },\n      when: [{ attribute: 'entityVersion', is: '<='",
      },
    ],
  },
  {
    name: 'retagged-uncounted',
    breaks: 3,
    what: 'members are not counted again when tags have changed: stages are shares of those that there were',
    edits: [
      {
        file: `${SERVICE}/functions/on-device-changed/on-device-changed.ts`,
        find: '  await needs.fleetChanges.note(tenant, product, needs.clock.now());\n',
        replace: '',
      },
    ],
  },
  {
    name: 'tag-stage-for-all',
    breaks: 3,
    what: 'a stage for a tag is open to every member',
    edits: [
      {
        file: OBJECTIONS,
        find: "if (openStage.kind === 'tag' && !facts.tags.includes(openStage.tag)) return 'not-tagged';",
        replace: '',
      },
    ],
  },
];
