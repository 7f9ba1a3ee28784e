import type { Mutant } from './mutant.ts';
import { SERVICE } from './places.ts';

/** Builds that count or judge attempts wrongly. */
export const COUNTING_MUTANTS: readonly Mutant[] = [
  {
    name: 'counted-twice',
    breaks: 6,
    what: 'a row that somebody else has moved meanwhile is moved and counted once more',
    edits: [
      {
        file: `${SERVICE}/stores/attempt-store.ts`,
        find: "{ attribute: 'revision', is: '=', value: revision }",
        replace: "{ attribute: 'revision', is: '>=', value: 0 }",
      },
      {
        file: `${SERVICE}/stores/device-store.ts`,
        find: ": { attribute: 'revision', is: '=', value: device.revision }",
        replace: ": { attribute: 'revision', is: '>=', value: 0 }",
      },
    ],
  },
  {
    name: 'retries-are-evidence',
    breaks: 6,
    what: 'every attempt is evidence, not only the first of a device',
    edits: [
      {
        file: `${SERVICE}/domain/counting/cohorts.ts`,
        find: 'number > 1 ? RETRY_COHORT : cohort',
        replace: 'number > 99 ? RETRY_COHORT : cohort',
      },
    ],
  },
  {
    name: 'excused-before-a-halt',
    breaks: 6,
    what: 'a resume of a rollout that is not halted is refused, and has excused by then',
    edits: [
      {
        file: `${SERVICE}/functions/resume-rollout/resume-rollout.ts`,
        find: '    changeRollout(lifeOf(whole), command, whole.record.document.stages.length);\n',
        replace: '',
      },
    ],
  },
  {
    name: 'never-halts',
    breaks: 6,
    what: 'the evidence is counted and never judged',
    edits: [
      {
        file: `${SERVICE}/domain/halting/assess-evidence.ts`,
        find: "return because === undefined ? { verdict: 'continue', tests }",
        replace: "return because === undefined || tests.length > 0 ? { verdict: 'continue', tests }",
      },
    ],
  },
  {
    name: 'ended-moves-on',
    breaks: 7,
    what: 'a report moves an attempt that has ended',
    edits: [
      {
        file: `${SERVICE}/domain/attempt/apply-fact.ts`,
        find: "case 'report':\n      if (!isOpen(attempt)) return hearAgain(attempt, fact);",
        replace: "case 'report':",
      },
    ],
  },
  {
    name: 'copy-is-a-new-request',
    breaks: 7,
    what: 'a late copy of a request to begin ends the install that began on its answer',
    edits: [
      {
        file: `${SERVICE}/domain/attempt/apply-asked.ts`,
        find: 'return attempt.bootId === bootId && number > attempt.asked;',
        replace: 'return attempt.bootId === bootId && number > 0;',
      },
    ],
  },
  {
    name: 'digest-not-compared',
    breaks: 7,
    what: 'a device that only says the version counts as good',
    edits: [
      {
        file: `${SERVICE}/domain/attempt/is-target.ts`,
        find: 'running.digest === target.digest',
        replace: 'running.digest !== undefined',
      },
    ],
  },
  {
    name: 'trial-is-proof',
    breaks: 7,
    what: 'an image on trial counts as good',
    edits: [
      {
        file: `${SERVICE}/domain/attempt/apply-sighting.ts`,
        find: 'return sighting.confirmed\n',
        replace: 'return sighting.confirmed || !sighting.confirmed\n',
      },
    ],
  },
];
