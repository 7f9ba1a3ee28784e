import type { Mutant } from './mutant.ts';

/** Builds that show a device as connected which is not, or as gone which is there. */
export const PRESENCE_MUTANTS: readonly Mutant[] = [
  {
    name: 'old-end-hides',
    breaks: 13,
    what: 'the end of a session, which is told late, ends the one that has taken its place',
    edits: [
      {
        file: 'services/device-registry/domain/presence.ts',
        find: 'const { [session]: _, ...open } = kept.open;',
        replace: 'const open = {};',
      },
    ],
  },
  {
    name: 'left-over-untold',
    breaks: 13,
    what: 'nobody tells of the end of a session that the host was killed in the middle of',
    edits: [
      {
        file: 'host/broker/lifecycle-events.ts',
        find: 'run !== this.#run',
        replace: "run === ''",
      },
    ],
  },
];
