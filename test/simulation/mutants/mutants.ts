import { ConfigurationError } from '#shared/errors/errors.ts';
import type { Mutant } from './mutant.ts';

const SERVICE = 'services/rollout-orchestrator';
const OBJECTIONS = `${SERVICE}/domain/decision/objections.ts`;
const GRANTS = `${SERVICE}/steps/grant-permits.ts`;
const GATES = `${SERVICE}/stores/gate-store.ts`;

/** Every broken build that the simulation must catch: for each invariant that it checks at least one. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'revocation-not-heard',
    breaks: 1,
    what: 'a revocation is acknowledged, and the release is offered and permitted all the same',
    edits: [
      {
        file: `${SERVICE}/functions/on-release-revoked/on-release-revoked.ts`,
        find: 'await needs.releases.revoked(tenant, product, version);\n  for (const { rollout } of await needs.rollouts.active({ tenant, product })) {',
        replace:
          'for (const { rollout } of (await needs.rollouts.active({ tenant, product })).slice(0, 0)) {',
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
    name: 'ceiling-off-by-one',
    breaks: 3,
    what: 'a stage exposes one device more than it may',
    edits: [
      {
        file: `${SERVICE}/domain/advance/plan-advance.ts`,
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
        find: "if (!isNewer(release, facts, says)) return 'not-newer';\n  if (release.sequence <= facts.floor) return 'at-or-below-floor';",
        replace: 'void isNewer;',
      },
    ],
  },
  {
    name: 'counted-twice',
    breaks: 6,
    what: 'a row that somebody else has moved meanwhile is moved and counted once more',
    edits: [
      {
        file: `${SERVICE}/stores/attempt-store.ts`,
        find: ": { attribute: 'revision', is: '=', value: record.revision }",
        replace: ": { attribute: 'revision', is: '>=', value: 0 }",
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
        find: "if (gate?.state !== 'running') return [...waiting];",
        replace: 'if (gate === undefined) return [...waiting];',
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
    name: 'tenants-mixed',
    breaks: 10,
    what: 'devices are offered the rollouts of every tenant',
    edits: [
      {
        file: `${SERVICE}/stores/rollout-store.ts`,
        // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text
        find: '...(of && { prefix: `${of.tenant}#${of.product}#` }),',
        replace: '',
      },
      {
        file: OBJECTIONS,
        find: "if (rollout.tenant !== facts.tenant || rollout.product !== facts.product) return 'other-product';",
        replace: '',
      },
    ],
  },
  {
    name: 'strangers-may-look',
    breaks: 10,
    what: 'an operator sees and commands the rollouts of other tenants',
    edits: [
      {
        file: `${SERVICE}/steps/control-rollout.ts`,
        find: 'if (whole?.record.tenant !== tenant) throw',
        replace: 'if (whole === undefined) throw',
      },
    ],
  },
  {
    name: 'no-audit',
    breaks: 11,
    what: 'a change of a rollout leaves no audit entry',
    edits: [{ file: `${SERVICE}/stores/control-store.ts`, find: '    auditEntry(audit),\n', replace: '' }],
  },
  {
    name: 'silence-not-found',
    breaks: 12,
    what: 'deadlines pass and nobody scores them',
    edits: [
      {
        file: `${SERVICE}/functions/find-silence/find-silence.ts`,
        find: 'const heard = page.due.map(',
        replace: 'const heard = page.due.slice(0, 0).map(',
      },
    ],
  },
  {
    name: 'errors-swallowed',
    breaks: 13,
    what: 'a batch of reports that failed is taken for done, and neither comes again nor lies in a dead-letter queue',
    edits: [
      {
        file: 'shared/lambda/on-device-batch.ts',
        find: '= await steps(messages, own, call);',
        replace: '= await steps(messages, own, call).catch((): BatchOutcome<Body> => ({}));',
      },
    ],
  },
  {
    name: 'acknowledged-too-early',
    breaks: 13,
    what: 'a report is acknowledged although somebody else was quicker with its row',
    edits: [
      {
        file: `${SERVICE}/steps/move-attempts.ts`,
        find: 'lost.has(one) ? overtaken.push(one.heard) : settled.push(settledBy(one))',
        replace: 'settled.push(settledBy(one))',
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
        find: 'return number <= attemptsAllowed ? number',
        replace: 'return number <= attemptsAllowed + 1 ? number',
      },
      { file: OBJECTIONS, find: 'if (triesLeft <= 0 &&', replace: 'if (triesLeft < 0 &&' },
    ],
  },
  {
    name: 'outage-is-silence',
    breaks: 15,
    what: 'silence is scored although the host was away',
    edits: [
      {
        file: `${SERVICE}/domain/attempt/apply-deadline.ts`,
        find: 'if (resumedAtMs === undefined) return ownMs;',
        replace: 'if (ownMs > 0) return ownMs;',
      },
    ],
  },
  {
    name: 'unread-is-silence',
    breaks: 15,
    what: 'silence is scored while reports are unread',
    edits: [
      {
        file: `${SERVICE}/domain/attempt/apply-deadline.ts`,
        find: 'if (fact.oldestUnreadMs !== undefined && fact.oldestUnreadMs <= deadlineMs) {',
        replace: 'if (fact.oldestUnreadMs !== undefined && fact.oldestUnreadMs < 0) {',
      },
      {
        file: `${SERVICE}/functions/find-silence/find-silence.ts`,
        find: 'if (!hearsReports(unread)) {',
        replace: 'if (!hearsReports({ ...unread, oldestAgeMs: 0 })) {',
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
        find: 'pace: paceCeiling(paceMarks, settings.perMinute, nowMs)',
        replace: 'pace: paceCeiling(paceMarks, 1_000, nowMs)',
      },
    ],
  },
  {
    name: 'hours-ignored',
    breaks: 16,
    what: 'permits are granted outside of the install window',
    edits: [
      {
        file: OBJECTIONS,
        find: 'if (window !== undefined && !isWithinHours(window, zoneOf(window, facts.attributes), nowMs)) {',
        replace:
          'if (window !== undefined && isWithinHours(window, zoneOf(window, facts.attributes), nowMs) === undefined) {',
      },
    ],
  },
  {
    name: 'why-differs',
    breaks: 17,
    what: 'why says that a device gets nothing although it is offered a release',
    edits: [
      {
        file: `${SERVICE}/functions/explain-device/explain-device.ts`,
        find: 'decision: decision.kind,',
        replace: "decision: decision.kind === 'offer' ? 'nothing' : decision.kind,",
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
];

/** The mutant of that name. Throws `ConfigurationError` for one that there is not. */
export function mutantNamed(name: string): Mutant {
  const found = MUTANTS.find((one) => one.name === name);
  if (found === undefined)
    throw new ConfigurationError(`${name} is none of ${MUTANTS.map((one) => one.name).join(', ')}`);
  return found;
}
