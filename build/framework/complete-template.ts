import { at, functionIdOf, idIn, keyOf, ofType, type Resources, targetOf } from '../template.ts';
import type { AlarmPlace } from './alarm.ts';
import {
  type Alarms,
  type CounterRule,
  counterAlarms,
  errorsAlarm,
  expiredAlarm,
  lagAlarm,
  requestsAlarm,
  stillAlarm,
} from './function-alarms.ts';
import { leastRights } from './least-rights.ts';
import { aimedAtAlias, liveAliases } from './live-aliases.ts';
import { ageAlarmIdOf, queueAlarms, tableAlarms } from './resource-alarms.ts';

/** A scheduled function that missed so many of its times stands still. */
const MISSED_TIMES = 5;

/** What is to be completed, and for where. */
export interface Completion {
  readonly service: string;
  /** Keys of the functions in the service's `serverless.yml`. */
  readonly keys: readonly string[];
  readonly place: AlarmPlace;
  /** Whether new versions get all traffic at once, watched by no alarm: to mend what alarms already tell of. */
  readonly allAtOnce: boolean;
  /** Counters that must be zero. */
  readonly counters: readonly CounterRule[];
  readonly resources: Resources;
}

/**
 * A service's resources with what its files do not say because it is alike for all services: an alias and a canary deployment
 * per function, and the alarms that follow from what is there.
 */
export function completed(completion: Completion): Resources {
  const { service, keys, place, allAtOnce, counters, resources } = completion;
  const aimed = leastRights(aimedAtAlias(resources, keys));
  const http = behindHttp(aimed);
  const requests: Alarms = http.size > 0 ? requestsAlarm(place, service) : {};
  const functions = keys.map((key) => ({
    key,
    errors: errorsAlarm(place, service, key),
    lag: readsStream(aimed, key) ? lagAlarm(place, service, key) : {},
    ...quietAlarms(key, { service, place, resources: aimed }),
  }));
  const canaries = functions.map(({ key, errors, lag }) => ({
    key,
    alarms: [
      ...Object.keys({ ...errors, ...lag }),
      ...queuesReadBy(aimed, key).map(ageAlarmIdOf),
      ...(http.has(functionIdOf(key)) ? Object.keys(requests) : []),
    ],
  }));
  return Object.assign(
    {},
    aimed,
    requests,
    counterAlarms(place, service, counters),
    ...functions.map(({ errors, lag, still, expired }) => ({ ...errors, ...lag, ...still, ...expired })),
    queueAlarms(place, aimed),
    tableAlarms(place, aimed),
    liveAliases(aimed, canaries, allAtOnce),
  );
}

/** Alarms on what a function does not do; a new version cannot be judged by them. */
function quietAlarms(
  key: string,
  { service, place, resources }: Pick<Completion, 'service' | 'place' | 'resources'>,
): { readonly still: Alarms; readonly expired: Alarms } {
  const invokeConfig = ofType(resources, 'AWS::Lambda::EventInvokeConfig').find(
    ([, { Properties }]) => idIn(Properties.FunctionName) === functionIdOf(key),
  )?.[1].Properties;
  const drops =
    invokeConfig !== undefined && at(invokeConfig, 'DestinationConfig', 'OnFailure') === undefined;
  const minutes = minutesBetween(resources, key);
  return {
    still: minutes === undefined ? {} : stillAlarm(place, service, key, MISSED_TIMES * minutes),
    expired: drops ? expiredAlarm(place, service, key) : {},
  };
}

/** Logical ids of the functions that the HTTP API calls. */
function behindHttp(resources: Resources): ReadonlySet<string | undefined> {
  return new Set(
    ofType(resources, 'AWS::ApiGatewayV2::Integration').map(
      ([, { Properties }]) => targetOf(resources, Properties.IntegrationUri)?.functionId,
    ),
  );
}

function sourcesOf(resources: Resources, key: string): unknown[] {
  return ofType(resources, 'AWS::Lambda::EventSourceMapping')
    .filter(([, { Properties }]) => keyIn(resources, Properties.FunctionName) === key)
    .map(([, { Properties }]) => Properties.EventSourceArn);
}

function queuesReadBy(resources: Resources, key: string): string[] {
  return sourcesOf(resources, key)
    .map(idIn)
    .filter((id) => id !== undefined)
    .filter((id) => resources[id]?.Type === 'AWS::SQS::Queue');
}

function readsStream(resources: Resources, key: string): boolean {
  return sourcesOf(resources, key).some((source) => at(source, 'Fn::GetAtt', 1) === 'StreamArn');
}

/** `rate(5 minutes)` -> 5, where the function has such a rule. */
function minutesBetween(resources: Resources, key: string): number | undefined {
  for (const [, { Properties }] of ofType(resources, 'AWS::Events::Rule')) {
    if (keyIn(resources, at(Properties, 'Targets', 0, 'Arn')) !== key) continue;
    const [, amount] = /^rate\((\d+) minutes?\)$/.exec(String(Properties.ScheduleExpression)) ?? [];
    if (amount !== undefined) return Number(amount);
  }
  return undefined;
}

function keyIn(resources: Resources, target: unknown): string | undefined {
  const found = targetOf(resources, target);
  return found === undefined ? undefined : keyOf(found.functionId);
}
