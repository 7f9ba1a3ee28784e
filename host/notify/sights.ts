import type { Backlog } from '#shared/capabilities/backlog.ts';
import type { CounterAlarm } from '../serverless/service-definition.ts';
import type { Sight } from './lookout.ts';

/** Counters that rise with a change of a rollout, which the event itself tells of. */
const TOLD_BY_EVENTS: readonly string[] = ['RolloutHalted', 'RolloutPausedUnreadable'];

/** The counters of the services that must not rise, as on AWS; `metrics` are those since the host started. */
export function counterSights(
  alarms: readonly CounterAlarm[],
  metrics: () => Readonly<Record<string, number>>,
): Sight[] {
  return alarms
    .filter(({ metric }) => !TOLD_BY_EVENTS.includes(metric))
    .map(({ metric, minutes, description }) => {
      let before = 0;
      return {
        name: metric,
        minutes,
        async look() {
          const now = metrics()[metric] ?? 0;
          const rise = now - before;
          before = now;
          return rise === 0 ? undefined : description;
        },
      };
    });
}

/** A dead-letter queue: letters lie in it, and they are more than at the last look. What lay there before the start is told after it. */
export function deadLetterSight(name: string, queue: Backlog): Sight {
  let before = 0;
  return {
    name,
    minutes: 1,
    async look() {
      const { messages } = await queue.unread();
      const rise = messages - before;
      before = messages;
      if (rise <= 0) return undefined;
      return (
        `${messages} dead letters lie in ${name}: what could not be handled after all tries. ` +
        'The log names the cause; mend it, then: npm run dead-letters -- --help'
      );
    },
  };
}
