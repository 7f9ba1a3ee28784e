import { at, idIn, type Resource } from '../template.ts';
import type { Fault } from './finding.ts';
import type { StackTemplate } from './stack.ts';

const FOURTEEN_DAYS_SECONDS = 1_209_600;
/** How long a message must lie where a person may find it: over a long weekend. */
const TIME_OF_A_PERSON_SECONDS = 345_600;
/** What AWS takes where a template is silent, in seconds. */
const USUAL = { visibility: 30, timeout: 3, retention: 345_600 } as const;

/**
 * A queue that is read has a dead-letter queue, hides a message long enough, and a reader that is limited without throttling it; one
 * that nobody reads is a dead-letter queue, which keeps what lies there and has an alarm.
 */
export function queues(stack: StackTemplate): Fault[] {
  return stack.ofType('AWS::SQS::Queue').flatMap(([id, { Properties }]) => {
    const faults: Fault[] = [];
    const say = (rule: string, message: string) => void faults.push({ resource: id, rule, message });
    if (Properties.SqsManagedSseEnabled !== true && Properties.KmsMasterKeyId === undefined)
      say('queue-is-encrypted', 'must be encrypted');
    const readers = stack
      .ofType('AWS::Lambda::EventSourceMapping')
      .filter(([, mapping]) => idIn(mapping.Properties.EventSourceArn) === id);
    if (readers.length === 0) return [...faults, ...deadLetters(stack, id, Properties)];
    const dead = idIn(at(Properties, 'RedrivePolicy', 'deadLetterTargetArn'));
    if (dead === undefined || stack.resources[dead]?.Type !== 'AWS::SQS::Queue')
      say('queue-has-dead-letters', 'must have a dead-letter queue of this stack');
    if (!(Number(at(Properties, 'RedrivePolicy', 'maxReceiveCount')) >= 3))
      say('queue-tries-again', 'must deliver a message at least three times before it is given up');
    if (dead !== undefined) faults.push(...outlived(stack, id, Properties, dead));
    for (const [reader, mapping] of readers) faults.push(...reading(stack, id, Properties, reader, mapping));
    return faults;
  });
}

/** What is moved keeps the age that it had (SQS, "dead-letter queues"): what waited long is gone soon after it was moved. */
function outlived(stack: StackTemplate, id: string, queue: Resource['Properties'], deadId: string): Fault[] {
  const kept = (of: Resource['Properties']) => Number(of.MessageRetentionPeriod ?? USUAL.retention);
  const longestSeconds = kept(stack.resources[deadId]?.Properties ?? {}) - TIME_OF_A_PERSON_SECONDS;
  if (kept(queue) <= longestSeconds) return [];
  const message = `keeps messages for ${kept(queue)} s, and may do so for ${longestSeconds}: ${deadId} must keep them for four days more`;
  return [{ resource: id, rule: 'dead-letters-outlive-queue', message }];
}

/** AWS: six times the time-out of the function, and the time for which a batch is gathered. */
function reading(
  stack: StackTemplate,
  queueId: string,
  queue: Resource['Properties'],
  reader: string,
  { Properties: mapping }: Resource,
): Fault[] {
  const faults: Fault[] = [];
  const functionId = stack.target(mapping.FunctionName)?.functionId ?? '';
  const settings = stack.resources[functionId]?.Properties ?? {};
  const timeoutSeconds = Number(settings.Timeout ?? USUAL.timeout);
  const leastSeconds = 6 * timeoutSeconds + Number(mapping.MaximumBatchingWindowInSeconds ?? 0);
  const visibilitySeconds = Number(queue.VisibilityTimeout ?? USUAL.visibility);
  if (!(visibilitySeconds >= leastSeconds)) {
    const message = `hides a message for ${visibilitySeconds} s, and must do so for ${leastSeconds}: six time-outs of ${functionId} and the batch window`;
    faults.push({ resource: queueId, rule: 'queue-hides-long-enough', message });
  }
  if (!(Number(at(mapping, 'ScalingConfig', 'MaximumConcurrency')) >= 2)) {
    const message = 'must have a MaximumConcurrency, so that one queue cannot take all of the account';
    faults.push({ resource: reader, rule: 'queue-has-maximum-concurrency', message });
  }
  if (settings.ReservedConcurrentExecutions !== undefined) {
    const message =
      'reads a queue and reserves concurrency: throttles drive good messages into the dead-letter queue';
    faults.push({ resource: functionId, rule: 'queue-has-maximum-concurrency', message });
  }
  return faults;
}

function deadLetters(stack: StackTemplate, id: string, queue: Resource['Properties']): Fault[] {
  const faults: Fault[] = [];
  if (Number(queue.MessageRetentionPeriod ?? USUAL.retention) !== FOURTEEN_DAYS_SECONDS) {
    const message = 'is read by nobody, so that it must keep messages for 14 days until a person comes';
    faults.push({ resource: id, rule: 'dead-letters-are-kept', message });
  }
  const hasAlarm = stack.ofType('AWS::CloudWatch::Alarm').some(([, { Properties: alarm }]) => {
    const dimension = at(alarm, 'Dimensions', 0);
    return (
      alarm.Namespace === 'AWS/SQS' &&
      alarm.MetricName === 'ApproximateNumberOfMessagesVisible' &&
      at(dimension, 'Name') === 'QueueName' &&
      idIn(at(dimension, 'Value')) === id &&
      alarm.Threshold === 0
    );
  });
  if (!hasAlarm) {
    const message = 'must have an alarm that goes off when a message lies in it';
    faults.push({ resource: id, rule: 'dead-letters-have-alarm', message });
  }
  return faults;
}
