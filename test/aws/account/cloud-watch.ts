import type { AwsService } from '../gate/aws-request.ts';
import { jsonAnswer, jsonError, jsonOf, targetOf } from '../gate/json-service.ts';

interface GetMetricData {
  readonly MetricDataQueries: readonly {
    readonly Id: string;
    readonly MetricStat: {
      readonly Period: number;
      readonly Metric: {
        readonly MetricName: string;
        readonly Dimensions: readonly { readonly Name: string; readonly Value: string }[];
      };
    };
  }[];
}

/**
 * CloudWatch, GetMetricData for the age of the oldest message of a queue alone (a stub: no server of it can be had). Its value is
 * what the queue's server knows at this moment, where CloudWatch is a minute or two late.
 */
export function cloudWatch(
  ageSecondsOf: (queue: string) => Promise<number>,
  world: { now(): number },
): AwsService {
  return {
    operationOf: (request) => `cloudwatch:${targetOf(request)}`,
    // Metrics have no ARN.
    rightsOf: (request) => [{ action: `cloudwatch:${targetOf(request)}`, arn: '*' }],
    async answer(request) {
      const results = [];
      for (const { Id, MetricStat } of jsonOf<GetMetricData>(request).MetricDataQueries) {
        const { Metric, Period } = MetricStat;
        const queue = Metric.Dimensions.find(({ Name }) => Name === 'QueueName')?.Value ?? '';
        if (Metric.MetricName !== 'ApproximateAgeOfOldestMessage')
          return jsonError(400, 'InvalidParameterValue', `there is no metric ${Metric.MetricName} here`);
        const atSeconds = Math.floor(world.now() / 1000 / Period) * Period;
        const Values = [await ageSecondsOf(queue)];
        results.push({ Id, StatusCode: 'Complete', Timestamps: [atSeconds], Values });
      }
      return jsonAnswer({ MetricDataResults: results });
    },
    error: jsonError,
  };
}
