import type { Mutant } from './mutant.ts';
import { GATES, GRANTS, OBJECTIONS, SERVICE } from './places.ts';

/** Builds that give a permit to whom, or when, none may be given. */
export const EXPOSURE_MUTANTS: readonly Mutant[] = [
  {
    name: 'ceiling-off-by-one',
    breaks: 3,
    what: 'a stage exposes one device more than it may',
    edits: [
      {
        file: `${SERVICE}/domain/advance/fleet.ts`,
        find: 'return ceilingOfStage(document, progress.stage, fleet.members);',
        replace: 'return ceilingOfStage(document, progress.stage, fleet.members) + 1;',
      },
    ],
  },
  {
    name: 'quick-successes-widen',
    breaks: 3,
    what: 'a success makes way for others before its slow siblings could have failed',
    edits: [
      {
        file: `${SERVICE}/domain/widening/scope-window.ts`,
        find: 'madeWay: returned + resolvedOld',
        replace: "madeWay: returned + countOf(counts, [...SCORED_KINDS, 'excused'])",
      },
    ],
  },
  {
    name: 'offers-after-a-halt',
    breaks: 8,
    what: 'a rollout that is halted or aborted is offered',
    edits: [
      {
        file: OBJECTIONS,
        find: "if (rollout.state !== 'running' && rollout.state !== 'paused') return 'not-running';",
        replace: '',
      },
    ],
  },
  {
    name: 'permits-after-a-halt',
    breaks: 8,
    what: 'a halt, pause or abort does not reach the permits',
    edits: [
      {
        file: OBJECTIONS,
        find: "if (rollout.state !== 'running' && rollout.state !== 'paused') return 'not-running';",
        replace: '',
      },
      { file: OBJECTIONS, find: "if (rollout.state === 'paused') return 'paused';", replace: '' },
      {
        file: GRANTS,
        find: "if (gate?.state !== 'running' || gate.stage",
        replace: 'if (gate?.stage',
      },
      {
        file: GATES,
        find: "{ attribute: 'state', is: '=', value: 'running' },\n    { attribute: 'epoch'",
        replace: "{ attribute: 'epoch'",
      },
    ],
  },
  {
    name: 'state-is-old',
    breaks: 8,
    what: 'offers are decided on what was read ten minutes ago',
    edits: [
      {
        file: `${SERVICE}/steps/active-rollouts.ts`,
        find: 'const RECENT_MS = 2_000;',
        replace: 'const RECENT_MS = 600_000;',
      },
    ],
  },
  {
    name: 'one-attempt-too-many',
    breaks: 14,
    what: 'a device may try once more than retry allows',
    edits: [
      {
        file: `${SERVICE}/domain/attempt/open-attempt.ts`,
        find: 'return number <= attemptsAllowed + excusedUpTo(previous) ? number',
        replace: 'return number <= attemptsAllowed + 1 + excusedUpTo(previous) ? number',
      },
      { file: OBJECTIONS, find: '>= mostTries &&', replace: '> mostTries &&' },
    ],
  },
  {
    name: 'lowest-first',
    breaks: 14,
    what: 'of several rollouts the one of the lowest priority is asked first',
    edits: [
      {
        file: `${SERVICE}/domain/decision/active-rollout.ts`,
        find: 'other.document.priority - one.document.priority ||',
        replace: 'one.document.priority - other.document.priority ||',
      },
    ],
  },
  {
    name: 'paused-holds-nobody',
    breaks: 14,
    what: 'a rollout that is paused holds its devices back from none of lower priority',
    edits: [
      {
        file: `${SERVICE}/domain/decision/decide-offer.ts`,
        find: 'rollouts.slice(index + 1));\n      break;\n',
        replace: 'rollouts.slice(index + 1));\n',
      },
      {
        file: `${SERVICE}/domain/decision/may-install.ts`,
        find: "    if (taken === 'paused') return 'blocked-by-paused';\n",
        replace: '',
      },
    ],
  },
  {
    name: 'pace-ignored',
    breaks: 16,
    what: 'permits are granted faster than the pace',
    edits: [
      {
        file: `${SERVICE}/domain/widening/plan-window.ts`,
        find: 'pace: paceCeiling(paceMarks, perMinute, nowMs, away)',
        replace: 'pace: paceCeiling(paceMarks, 1_000, nowMs, away)',
      },
    ],
  },
  {
    name: 'hours-ignored',
    breaks: 16,
    what: 'permits are granted outside of the install window',
    edits: [
      {
        file: `${SERVICE}/domain/stages/install-hours.ts`,
        find: 'return window === undefined || isWithinHours(window, zoneOf(window, attributes), nowMs);',
        replace: 'return window === undefined || nowMs > 0;',
      },
    ],
  },
  {
    name: 'quarantine-ignored',
    breaks: 18,
    what: 'devices in quarantine are served',
    edits: [{ file: OBJECTIONS, find: "if (facts.quarantined) return 'quarantined';", replace: '' }],
  },
  {
    name: 'decommissioned-served',
    breaks: 18,
    what: 'decommissioned devices are served',
    edits: [{ file: OBJECTIONS, find: "if (facts.decommissioned) return 'decommissioned';", replace: '' }],
  },
  {
    name: 'hold-out-offered',
    breaks: 9,
    what: 'a device of the hold-out is offered the release',
    edits: [
      {
        file: `${SERVICE}/domain/decision/decide-offer.ts`,
        find: 'const found = artifactOrObjection(asking, rollout);',
        replace: 'const found = artifactOrObjection(asking, { ...rollout, holdOut: undefined } as never);',
      },
    ],
  },
  {
    name: 'hold-out-permitted',
    breaks: 9,
    what: 'a device of the hold-out that asks gets a permit',
    edits: [
      {
        file: `${SERVICE}/domain/decision/may-install.ts`,
        find: 'const found = artifactOrObjection(asking, rollout);',
        replace: 'const found = artifactOrObjection(asking, { ...rollout, holdOut: undefined } as never);',
      },
    ],
  },
  {
    name: 'hold-out-of-one-rollout',
    breaks: 9,
    what: 'a hold-out binds only the rollout whose document asks for it',
    edits: [
      {
        file: `${SERVICE}/steps/active-rollouts.ts`,
        find: 'const holdOut = release.holdOut ?? gate.holdOut;',
        replace: 'const holdOut = record.document.holdOut && (release.holdOut ?? gate.holdOut);',
      },
    ],
  },
];
