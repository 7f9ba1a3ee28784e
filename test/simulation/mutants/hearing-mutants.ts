import type { Mutant } from './mutant.ts';
import { SERVICE } from './places.ts';

/** Builds that lose what devices say, or take silence wrongly. */
export const HEARING_MUTANTS: readonly Mutant[] = [
  {
    name: 'silence-not-found',
    breaks: 12,
    what: 'deadlines pass and nobody scores them',
    edits: [
      {
        file: `${SERVICE}/functions/find-silence/find-silence.ts`,
        find: 'const heard = devices.map(',
        replace: 'const heard = devices.slice(0, 0).map(',
      },
    ],
  },
  {
    name: 'errors-swallowed',
    breaks: 13,
    what: 'reports that failed are taken for done, and neither come again nor lie in a dead-letter queue',
    edits: [
      {
        file: 'shared/lambda/on-device-batch.ts',
        find: '= await steps(messages, own, call);',
        replace: '= await steps(messages, own, call).catch((): BatchOutcome<Body> => ({}));',
      },
      {
        file: `${SERVICE}/functions/apply-reports/apply-reports.ts`,
        find: 'retry: putBack.messages,',
        replace: 'retry: putBack.messages.slice(0, 0),',
      },
    ],
  },
  {
    name: 'events-swallowed',
    breaks: 13,
    what: 'events of other services that failed are taken for done',
    edits: [
      {
        file: 'shared/lambda/on-event.ts',
        find: 'await steps(detail.parse(event.detail), bound, call);',
        replace: 'await steps(detail.parse(event.detail), bound, call).catch(() => undefined);',
      },
    ],
  },
  {
    name: 'batches-swallowed',
    breaks: 13,
    what: 'batches of our own queues that failed are taken for done: reports never come to the raw log',
    edits: [
      {
        file: 'shared/lambda/on-queue.ts',
        find: 'await steps(messages, bound, call);',
        replace: 'await steps(messages, bound, call).catch(() => undefined);',
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
        find: 'if (overtaken.has(plan)) again.push(plan.heard);\n        else settled.push(settledBy(plan));',
        replace: 'settled.push(settledBy(plan));',
      },
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
    name: 'backup-goes-on',
    breaks: 8,
    what: 'rollouts of a restored backup go on by themselves',
    edits: [
      {
        file: `${SERVICE}/functions/on-hearing-interrupted/on-hearing-interrupted.ts`,
        find: 'await pauseAll(reason, needs);',
        replace: 'void [pauseAll, reason, needs];',
      },
    ],
  },
  {
    name: 'leap-is-silence',
    breaks: 15,
    what: 'silence is scored although only the clock was set ahead',
    edits: [
      {
        file: 'host/runtime/hearing.ts',
        find: '      if (aheadMs > 0) await this.#tellAll(listenersOf, { fromMs: untilMs - aheadMs, untilMs });\n',
        replace: '',
      },
    ],
  },
  {
    name: 'leap-is-told-late',
    breaks: 15,
    what: 'functions run on after the clock was set ahead, until somebody looks at it',
    edits: [{ file: 'host/host.ts', find: '      before: () => hearing.untold(),\n', replace: '' }],
  },
  {
    name: 'put-back-holds-up',
    breaks: 12,
    what: 'a clock that was ahead and is put back stops silence clocks until it is there again',
    edits: [
      {
        file: `${SERVICE}/stores/hearing-store.ts`,
        find: 'if (isAhead(Math.max(lastBeatMs, resumedAtMs), nowMs)) {',
        replace: 'if (isAhead(0, nowMs)) {',
      },
    ],
  },
  {
    name: 'first-away-forgotten',
    breaks: 3,
    what: 'of the times in which the host was away the latest alone is left out of what lasts',
    edits: [
      {
        file: `${SERVICE}/stores/hearing-store.ts`,
        find: 'withAway(awayUnlessAhead(readableTimes(item), nowMs), away)',
        replace: 'withAway(awayUnlessAhead(readableTimes(item), nowMs).slice(0, 0), away)',
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
];
