import type { Mutant } from './mutant.ts';
import { SERVICE } from './places.ts';

const COMPLETION = `${SERVICE}/domain/stages/completion.ts`;

/** Builds that complete a rollout while somebody is left to be served. */
export const COMPLETION_MUTANTS: readonly Mutant[] = [
  {
    name: 'updated-leave',
    breaks: 12,
    what: 'a device that the update takes out of the selector is no member any more, so that the stage is full without the others',
    edits: [
      {
        file: `${SERVICE}/domain/decision/is-member.ts`,
        find: 'takesPartIn(facts, rollout) ||',
        replace: '',
      },
    ],
  },
  {
    name: 'retries-cut-off',
    breaks: 12,
    what: 'a rollout completes with the first attempts, whatever is left to those that failed',
    edits: [
      {
        file: COMPLETION,
        find: '(isOwedNone || proven >= exposed)',
        replace: 'proven >= 0',
      },
    ],
  },
  {
    name: 'standing-falls',
    breaks: 12,
    what: 'a standing rollout completes as others do',
    edits: [{ file: COMPLETION, find: 'if (document.standing)', replace: 'if (document.settleMs < 0)' }],
  },
  {
    name: 'counted-before',
    breaks: 12,
    what: 'a rollout completes by the count from before its last permit, whoever has come since',
    edits: [{ file: COMPLETION, find: 'countBeganMs < lastGrantMs', replace: 'countBeganMs < 0' }],
  },
];
