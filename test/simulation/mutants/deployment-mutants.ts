import type { Mutant } from './mutant.ts';
import { ATTEMPT_ROWS } from './places.ts';

/** Versions that cannot serve beside the one before. */
export const DEPLOYMENT_MUTANTS: readonly Mutant[] = [
  {
    name: 'next-renames',
    breaks: 12,
    what: 'the next version calls the deadline of an attempt otherwise, and this one never finds what waits for it',
    version: 'next',
    edits: [
      {
        file: ATTEMPT_ROWS,
        find: '  installedFrom: z.string().optional(),\n',
        replace: '  installedFrom: z.string().optional(),\n  until: Count.optional(),\n',
      },
      {
        file: ATTEMPT_ROWS,
        find: '  return row;\n',
        replace: '  const { deadlineMs, ...renamed } = row;\n  return { ...renamed, until: deadlineMs };\n',
      },
      {
        file: ATTEMPT_ROWS,
        find: '    deadlineMs,\n    backByMs,\n    endedMs,\n    reason,\n    ...rest\n  } = read.data;\n',
        replace:
          '    deadlineMs: old,\n    until,\n    backByMs,\n    endedMs,\n    reason,\n    ...rest\n  } = read.data;\n  const deadlineMs = until ?? old;\n',
      },
    ],
  },
];
