import { capitalized, functionIdOf, LIVE, type Resource } from '../template.ts';
import { type AlarmPlace, expressionAlarm, type Metric, metricAlarm } from './alarm.ts';

/** Alarms by logical id. */
export type Alarms = Readonly<Record<string, Resource>>;

/** Beyond this share of failed invocations something is broken; a healthy function has none, a throttled minute a few. */
const FAILED_PERCENT = 1;

/**
 * Every function: the share of invocations that end in an error or a time-out. It counts what the alias does, and while a new
 * version has a tenth of the traffic one that fails always is seen at ten percent.
 */
export function errorsAlarm(place: AlarmPlace, service: string, key: string): Alarms {
  const rule = {
    name: `${service}-${key}-errors`,
    description: `More than ${FAILED_PERCENT} % of the invocations of ${key} fail. A deployment that is under way goes back by itself. Look for level ERROR in its log.`,
    threshold: FAILED_PERCENT,
    minutes: 1,
  };
  const alarm = expressionAlarm(place, rule, '100 * errors / invocations', {
    errors: ofAlias(key, 'Errors'),
    invocations: ofAlias(key, 'Invocations'),
  });
  return { [`${capitalized(key)}ErrorsAlarm`]: alarm };
}

/** Behind a change stream: how old a change is when it is handed over. Revocations travel this way. */
export function lagAlarm(place: AlarmPlace, service: string, key: string): Alarms {
  const rule = {
    name: `${service}-${key}-lag`,
    description: `${key} is more than a minute behind its table's changes: what was decided, revocations among it, reaches other services late (relayOutbox), or is not sealed (sealAudit). Look at its errors, and whether the bus or KMS throttles.`,
    threshold: 60_000,
    minutes: 5,
  };
  return {
    [`${capitalized(key)}LagAlarm`]: metricAlarm(place, rule, ofFunction(key, 'IteratorAge', 'Maximum')),
  };
}

/** By the clock: it did not run at all, which nothing else would say. */
export function stillAlarm(place: AlarmPlace, service: string, key: string, minutes: number): Alarms {
  const rule = {
    name: `${service}-${key}-still`,
    description: `${key} has not run for ${minutes} minutes: no rollout advances, and no silent device is found. Look at its rule in EventBridge and at throttles.`,
    threshold: 1,
    minutes,
    comparison: 'LessThanThreshold',
    missing: 'breaching',
  } as const;
  return {
    [`${capitalized(key)}StillAlarm`]: metricAlarm(place, rule, ofFunction(key, 'Invocations', 'Sum')),
  };
}

/** Without a failure destination: the share of events that Lambda dropped because they were too old or failed. */
export function expiredAlarm(place: AlarmPlace, service: string, key: string): Alarms {
  const rule = {
    name: `${service}-${key}-expired`,
    description: `More than ${FAILED_PERCENT} % of the events for ${key} were dropped. Devices ask again by themselves; raise the concurrency quota when it lasts.`,
    threshold: FAILED_PERCENT,
    minutes: 5,
  };
  const alarm = expressionAlarm(place, rule, '100 * dropped / received', {
    dropped: ofFunction(key, 'AsyncEventsDropped', 'Sum'),
    received: ofFunction(key, 'AsyncEventsReceived', 'Sum'),
  });
  return { [`${capitalized(key)}ExpiredAlarm`]: alarm };
}

/** A counter of a service that must be zero; what `custom.alarms` of its `serverless.yml` lists. */
export interface CounterRule {
  readonly metric: string;
  /** It goes off when the counter is above zero in each of so many minutes. */
  readonly minutes: number;
  readonly description: string;
}

/** The alarms on what a service counts itself. */
export function counterAlarms(place: AlarmPlace, service: string, rules: readonly CounterRule[]): Alarms {
  const alarms = rules.map(({ metric, minutes, description }) => {
    const rule = { name: `${service}-${metric}`, description, threshold: 0, minutes };
    return [`${metric}Alarm`, metricAlarm(place, rule, counted(service, metric))] as const;
  });
  return Object.fromEntries(alarms);
}

/** Behind HTTP: a function that answers 500 has not failed for Lambda, so that the wrapper counts it. */
export function requestsAlarm(place: AlarmPlace, service: string): Alarms {
  const rule = {
    name: `${service}-requests-failed`,
    description: `${service} answered an API request with a status of 500 or more. A deployment that is under way goes back by itself. Find "request failed" in the service's logs.`,
    threshold: 0,
    minutes: 1,
  };
  return { RequestsFailedAlarm: metricAlarm(place, rule, counted(service, 'HttpRequestFailed')) };
}

/** What the code counts, by service alone. */
function counted(service: string, name: string): Metric {
  return { namespace: 'Evenkeel', name, dimensions: { service }, statistic: 'Sum' };
}

/** What all versions of a function do together. */
function ofFunction(key: string, name: string, statistic: Metric['statistic']): Metric {
  return {
    namespace: 'AWS/Lambda',
    name,
    statistic,
    dimensions: { FunctionName: { Ref: functionIdOf(key) } },
  };
}

/** How often that is so of what goes through its alias: while a deployment is under way, of both versions. */
function ofAlias(key: string, name: string): Metric {
  const functionName = { Ref: functionIdOf(key) };
  const Resource = { 'Fn::Sub': [`\${name}:${LIVE}`, { name: functionName }] };
  const dimensions = { FunctionName: functionName, Resource };
  return { namespace: 'AWS/Lambda', name, statistic: 'Sum', dimensions };
}
