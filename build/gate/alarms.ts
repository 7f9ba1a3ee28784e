import { at, idIn, listOf } from '../template.ts';
import type { Fault } from './finding.ts';
import type { StackTemplate } from './stack.ts';

/**
 * Every alarm tells the topic, when it goes off and when it is over; none that fills gaps waits for minutes without a gap; and nothing
 * that can fall behind or stand still does so unseen: queues by age, streams by lag, tables by throttles, schedules by silence.
 */
export function alarms(stack: StackTemplate): Fault[] {
  const all = stack.ofType('AWS::CloudWatch::Alarm');
  const silent = all
    .filter(
      ([, { Properties }]) =>
        ![Properties.AlarmActions, Properties.OKActions].every((actions) => listOf(actions).some(isTopic)),
    )
    .map(([id]) => ({
      resource: id,
      rule: 'alarm-tells-topic',
      message: 'must tell the topic of alarms when it goes off and when it is over',
    }));
  // CloudWatch, "Using metric math", of FILL: the newest minute may always be the filled one, so that an alarm is stuck but for M out of N.
  const stuck = all
    .filter(([, { Properties }]) => {
      const fills = listOf(Properties.Metrics).some((term) =>
        String(at(term, 'Expression')).includes('FILL('),
      );
      return fills && !(Number(Properties.DatapointsToAlarm) < Number(Properties.EvaluationPeriods));
    })
    .map(([id]) => ({
      resource: id,
      rule: 'alarm-goes-off',
      message:
        'fills gaps: DatapointsToAlarm must be below EvaluationPeriods, or the newest minute keeps it quiet',
    }));
  const watched = new Set(
    all.flatMap(([, { Properties }]) =>
      metricsOf(Properties).map(({ metric, resource }) => `${metric} ${String(resource)}`),
    ),
  );
  const missing = expected(stack)
    .filter(({ metric, resource }) => !watched.has(`${metric} ${resource}`))
    .map(({ metric, resource }) => ({
      resource,
      rule: 'trouble-has-alarm',
      message: `must have an alarm on ${metric}`,
    }));
  return [...silent, ...stuck, ...missing];
}

/** Not that there are invocations, but that there are none. */
const SILENCE = 'missing Invocations';

interface Watched {
  readonly metric: string;
  /** Logical id of what the metric is of. */
  readonly resource: string;
}

function expected(stack: StackTemplate): Watched[] {
  const mappings = stack
    .ofType('AWS::Lambda::EventSourceMapping')
    .flatMap(([, { Properties }]): Watched[] => {
      const source = idIn(Properties.EventSourceArn) ?? '';
      if (at(Properties.EventSourceArn, 'Fn::GetAtt', 1) !== 'StreamArn')
        return [{ metric: 'ApproximateAgeOfOldestMessage', resource: source }];
      return [{ metric: 'IteratorAge', resource: stack.target(Properties.FunctionName)?.functionId ?? '' }];
    });
  const tables = stack.ofType('AWS::DynamoDB::Table').flatMap(([resource]) => [
    { metric: 'ReadThrottleEvents', resource },
    { metric: 'WriteThrottleEvents', resource },
  ]);
  const schedules = stack
    .ofType('AWS::Events::Rule')
    .filter(([, { Properties }]) => Properties.ScheduleExpression !== undefined)
    .map(([, { Properties }]) => stack.target(at(Properties.Targets, 0, 'Arn'))?.functionId ?? '')
    .map((resource) => ({ metric: SILENCE, resource }));
  const errors = stack.functions().map(([resource]) => ({ metric: 'Errors', resource }));
  return [...mappings, ...tables, ...schedules, ...errors];
}

/** The metrics of an alarm with what they are of. */
function metricsOf(alarm: unknown): { readonly metric: string; readonly resource: string | undefined }[] {
  const terms = listOf(at(alarm, 'Metrics'))
    .map((term) => at(term, 'MetricStat', 'Metric'))
    .filter((metric) => metric !== undefined);
  const isOnSilence = at(alarm, 'TreatMissingData') === 'breaching';
  return (terms.length > 0 ? terms : [alarm]).map((metric) => ({
    metric: `${isOnSilence ? 'missing ' : ''}${String(at(metric, 'MetricName'))}`,
    resource: idIn(at(metric, 'Dimensions', 0, 'Value')),
  }));
}

/** The topic of the platform stack, there and where it is imported. */
function isTopic(action: unknown): boolean {
  return idIn(action) === 'AlarmTopic' || /-alarm-topic$/.test(String(at(action, 'Fn::ImportValue')));
}
