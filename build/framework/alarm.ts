import type { Resource } from '../template.ts';

/** One metric of CloudWatch. */
export interface Metric {
  readonly namespace: string;
  readonly name: string;
  /** Values are texts or intrinsic functions. */
  readonly dimensions: Readonly<Record<string, unknown>>;
  readonly statistic: 'Sum' | 'Maximum';
}

/** When an alarm goes off: the value is beyond `threshold` in each of `minutes` minutes, or in so many of the last `among`. */
export interface AlarmRule {
  /** Physical name without stage: `permits-dead`. */
  readonly name: string;
  /** What it means and what to do, for the person who is woken. */
  readonly description: string;
  readonly threshold: number;
  readonly minutes: number;
  /** Needed where an expression fills gaps: the newest minutes, whose metrics come late, are filled as well. */
  readonly among?: number;
  /** Above unless told. */
  readonly comparison?: 'GreaterThanThreshold' | 'LessThanThreshold';
  /** Whether silence of the metric is good news (unless told), or the very thing that the alarm is for. */
  readonly missing?: 'notBreaching' | 'breaching';
}

/** What all alarms of a stack share. */
export interface AlarmPlace {
  readonly stage: string;
  /** ARN of the topic that is told when an alarm goes off, and when it is over. */
  readonly topic: unknown;
}

/** An alarm on one metric, looked at minute by minute. */
export function metricAlarm(place: AlarmPlace, rule: AlarmRule, metric: Metric): Resource {
  return alarm(place, rule, {
    Namespace: metric.namespace,
    MetricName: metric.name,
    Dimensions: dimensionsOf(metric),
    Statistic: metric.statistic,
    Period: 60,
  });
}

/** An alarm on what `expression` makes of the metrics, which it knows by the names that they have here. */
export function expressionAlarm(
  place: AlarmPlace,
  rule: AlarmRule,
  expression: string,
  metrics: Readonly<Record<string, Metric>>,
): Resource {
  const terms = Object.entries(metrics).map(([id, metric]) => ({
    Id: id,
    ReturnData: false,
    MetricStat: {
      Metric: {
        Namespace: metric.namespace,
        MetricName: metric.name,
        Dimensions: dimensionsOf(metric),
      },
      Stat: metric.statistic,
      Period: 60,
    },
  }));
  return alarm(place, rule, {
    Metrics: [...terms, { Id: 'result', Expression: expression, Label: rule.name, ReturnData: true }],
  });
}

function alarm(
  { stage, topic }: AlarmPlace,
  rule: AlarmRule,
  measured: Readonly<Record<string, unknown>>,
): Resource {
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: `evenkeel-${stage}-${rule.name}`,
      AlarmDescription: rule.description,
      ...measured,
      EvaluationPeriods: rule.among ?? rule.minutes,
      ...(rule.among !== undefined && { DatapointsToAlarm: rule.minutes }),
      Threshold: rule.threshold,
      ComparisonOperator: rule.comparison ?? 'GreaterThanThreshold',
      TreatMissingData: rule.missing ?? 'notBreaching',
      AlarmActions: [topic],
      OKActions: [topic],
    },
  };
}

function dimensionsOf({ dimensions }: Metric): unknown {
  return Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
}
