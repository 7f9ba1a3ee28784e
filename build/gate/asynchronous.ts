import { at, idIn, ofType, type Resource, type Target } from '../template.ts';
import type { Fault } from './finding.ts';
import type { StackTemplate } from './stack.ts';
import { MAY_LOSE_EVENTS } from './written-reasons.ts';

const ASYNCHRONOUS = new Set(['event', 'device', 'upload']);
/** Device questions are worth nothing later: the least age that Lambda knows, and no retry. */
const QUESTION_AGE_SECONDS = 60;

/**
 * Every function that is invoked asynchronously has a failure destination on the very qualifier that its triggers invoke, and the
 * right to use it; or it is a question whose loss is a metric with an alarm.
 */
export function asynchronousFunctions(stack: StackTemplate): Fault[] {
  const invoked = stack
    .triggers()
    .filter(({ kind }) => ASYNCHRONOUS.has(kind))
    .flatMap(({ target }) => (target === undefined ? [] : [target]));
  const configs = stack.ofType('AWS::Lambda::EventInvokeConfig');
  const unused = configs
    .filter(([, config]) => !invoked.some((target) => isFor(config, target)))
    .map(([id]) => ({
      resource: id,
      rule: 'invoke-config-is-reached',
      message: 'is for a qualifier that no trigger invokes: its failure destination is dead',
    }));
  return [...unused, ...unique(invoked).flatMap((target) => handlesFailure(stack, target, configs))];
}

function handlesFailure(
  stack: StackTemplate,
  target: Target,
  configs: readonly (readonly [string, Resource])[],
): Fault[] {
  const { functionId, qualifier } = target;
  const fault = (rule: string, message: string): Fault[] => [{ resource: functionId, rule, message }];
  const config = configs.find(([, one]) => isFor(one, target))?.[1].Properties;
  if (MAY_LOSE_EVENTS.some((one) => one.stack === stack.name && one.resource === functionId)) {
    const age = at(config, 'MaximumEventAgeInSeconds');
    if (age !== QUESTION_AGE_SECONDS || at(config, 'MaximumRetryAttempts') !== 0)
      return fault(
        'question-is-not-retried',
        `must give an event up after ${QUESTION_AGE_SECONDS} s, without retries, on ${qualifier}`,
      );
    return hasExpiryAlarm(stack, functionId)
      ? []
      : fault(
          'question-loss-is-seen',
          'must have an alarm on AsyncEventsDropped: its lost events are a metric alone',
        );
  }
  const destination = idIn(at(config, 'DestinationConfig', 'OnFailure', 'Destination'));
  if (destination === undefined)
    return fault(
      'asynchronous-has-failure-destination',
      `must have a failure destination on ${qualifier}, which its triggers invoke`,
    );
  return stack.maySendTo(stack.roleOf(functionId), destination)
    ? []
    : fault('asynchronous-may-use-destination', `may not send to its failure destination ${destination}`);
}

function isFor(config: Resource, { functionId, qualifier }: Target): boolean {
  return idIn(config.Properties.FunctionName) === functionId && config.Properties.Qualifier === qualifier;
}

function hasExpiryAlarm(stack: StackTemplate, functionId: string): boolean {
  return ofType(stack.resources, 'AWS::CloudWatch::Alarm').some(([, { Properties }]) => {
    const text = JSON.stringify(Properties);
    return text.includes('"AsyncEventsDropped"') && text.includes(`"${functionId}"`);
  });
}

function unique(targets: readonly Target[]): Target[] {
  return [...new Map(targets.map((one) => [`${one.functionId}:${one.qualifier}`, one])).values()];
}
