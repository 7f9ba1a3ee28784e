import { at, idIn, ofType, type Resources } from '../template.ts';
import { type AlarmPlace, expressionAlarm, metricAlarm } from './alarm.ts';
import type { Alarms } from './function-alarms.ts';

const USUAL_VISIBILITY_SECONDS = 30;
/** A queue that is this old is behind, whatever its visibility time-out. */
const LEAST_AGE_SECONDS = 300;

/** Logical id of the alarm on the age of a queue's oldest message. */
export const ageAlarmIdOf = (queueId: string): string => `${queueId}AgeAlarm`;

/**
 * Each dead-letter queue: something lies there. Each other queue: its oldest message is older than two deliveries, so that
 * something comes again and again or there is more than the consumer handles.
 */
export function queueAlarms(place: AlarmPlace, resources: Resources): Alarms {
  const dead = deadLetterQueues(resources);
  const alarms = ofType(resources, 'AWS::SQS::Queue').map(([id, { Properties }]) => {
    const physical = String(Properties.QueueName);
    const name = physical.replace(`evenkeel-${place.stage}-`, '');
    const dimensions = { QueueName: { 'Fn::GetAtt': [id, 'QueueName'] } };
    if (dead.has(id)) {
      const rule = {
        name,
        description: `Messages lie in ${physical}. Read one, mend the cause, then redrive the queue. Each is kept for 14 days from when it was first sent.`,
        threshold: 0,
        minutes: 1,
      };
      const metric = {
        namespace: 'AWS/SQS',
        name: 'ApproximateNumberOfMessagesVisible',
        dimensions,
      } as const;
      return [`${id}Alarm`, metricAlarm(place, rule, { ...metric, statistic: 'Maximum' })] as const;
    }
    const visibilitySeconds = Number(Properties.VisibilityTimeout ?? USUAL_VISIBILITY_SECONDS);
    const seconds = Math.max(LEAST_AGE_SECONDS, 2 * visibilitySeconds);
    const rule = {
      name: `${name}-age`,
      description: `The oldest message in ${physical} has waited for more than ${seconds} s: its consumer fails, or there is more than it handles. Look at the consumer's log; raise its maximumConcurrency if it has no errors.`,
      threshold: seconds,
      minutes: 3,
    };
    const metric = { namespace: 'AWS/SQS', name: 'ApproximateAgeOfOldestMessage', dimensions } as const;
    return [ageAlarmIdOf(id), metricAlarm(place, rule, { ...metric, statistic: 'Maximum' })] as const;
  });
  return Object.fromEntries(alarms);
}

/** Each table: DynamoDB refuses reads or writes, because one key has more than a partition serves. */
export function tableAlarms(place: AlarmPlace, resources: Resources): Alarms {
  const alarms = ofType(resources, 'AWS::DynamoDB::Table').map(([id, { Properties }]) => {
    const physical = String(Properties.TableName);
    const rule = {
      name: `${physical.replace(`evenkeel-${place.stage}-`, '')}-throttled`,
      description: `DynamoDB throttles ${physical}. It does so for a minute when traffic doubles; when it lasts, one key is hot: turn on contributor insights for the table to see which.`,
      threshold: 0,
      minutes: 5,
      among: 8,
    };
    const dimensions = { TableName: { Ref: id } };
    const alarm = expressionAlarm(place, rule, 'FILL(reads, 0) + FILL(writes, 0)', {
      reads: { namespace: 'AWS/DynamoDB', name: 'ReadThrottleEvents', dimensions, statistic: 'Sum' },
      writes: { namespace: 'AWS/DynamoDB', name: 'WriteThrottleEvents', dimensions, statistic: 'Sum' },
    });
    return [`${id}ThrottledAlarm`, alarm] as const;
  });
  return Object.fromEntries(alarms);
}

/** Logical ids of the queues that nothing in this template reads: what lies there waits for a person. */
function deadLetterQueues(resources: Resources): ReadonlySet<string> {
  const read = new Set(
    ofType(resources, 'AWS::Lambda::EventSourceMapping').map(([, { Properties }]) =>
      idIn(at(Properties, 'EventSourceArn')),
    ),
  );
  return new Set(
    ofType(resources, 'AWS::SQS::Queue')
      .map(([id]) => id)
      .filter((id) => !read.has(id)),
  );
}
