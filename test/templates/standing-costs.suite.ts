import { describe, expect, test } from '@jest/globals';
import type { BilledUnit } from '#shared/metering/billed-unit.ts';
import { COUNTED_STANDING } from '#shared/metering/standing-costs.ts';
import type { PackagedStack } from '../../build/package-stacks.ts';
import { functionsIn, templateIn } from '../../build/packaged-functions.ts';
import { at, listOf, ofType, type Resources } from '../../build/template.ts';

/** What the standing costs count may be so much above what is packaged: a list price is no bill. */
const AT_MOST_ABOVE = 1.2;

/** By what of a template it is told that the functions of a stack use a unit; without: all do. */
const TOLD_BY: Partial<Record<BilledUnit, RegExp>> = {
  iotMessages: /"iot:Publish"/,
  ruleTriggers: /"AWS::IoT::TopicRule"/,
  ruleActions: /"AWS::IoT::TopicRule"/,
  registryOperations: /"iot:CreateThing"/,
  queueRequests: /"AWS::SQS::Queue"/,
  busEvents: /"events:PutEvents"/,
  apiRequests: /"AWS::ApiGatewayV2::Route"/,
  bucketPuts: /"s3:(PutObject|ListBucket)"/,
  bucketGets: /"s3:GetObject"/,
  timerSchedules: /"scheduler:/,
  metricReads: /"cloudwatch:GetMetricData"/,
};
const OF_ALL: readonly BilledUnit[] = [
  'functionRequests',
  'functionGbSeconds',
  'tableReadUnits',
  'tableWriteUnits',
];

/** The metrics and alarms in the standing costs are those that the packaged stage makes. */
export function describeStandingCosts(stacks: () => readonly PackagedStack[]): void {
  describe('the standing costs', () => {
    const services = () => stacks().filter(({ name }) => name !== 'platform');

    test('count the custom metrics of the packaged functions: counters of each service, and the units that it tells', () => {
      const perService = services().map(({ folder }) => {
        const bundles = functionsIn(folder).map(({ bundle }) => bundle.toString('utf8'));
        const counters = new Set(bundles.flatMap(countersIn));
        const template = JSON.stringify(templateIn(folder).Resources);
        const told = Object.values(TOLD_BY).filter((pattern) => pattern.test(template));
        return counters.size + OF_ALL.length + told.length;
      });
      const metrics = perService.reduce((sum, count) => sum + count, 0);
      expect(metrics).toBeGreaterThan(40);
      expect(COUNTED_STANDING.customMetrics).toBeGreaterThanOrEqual(metrics);
      expect(COUNTED_STANDING.customMetrics).toBeLessThanOrEqual(metrics * AT_MOST_ABOVE);
    });

    test('count the metrics that the packaged alarms watch, each of which is billed', () => {
      const watched = stacks().reduce((sum, { folder }) => sum + watchedIn(templateIn(folder).Resources), 0);
      expect(watched).toBeGreaterThan(80);
      expect(COUNTED_STANDING.alarmMetrics).toBeGreaterThanOrEqual(watched);
      expect(COUNTED_STANDING.alarmMetrics).toBeLessThanOrEqual(watched * AT_MOST_ABOVE);
    });
  });
}

/** `call.count('OfferMade')`, as the bundler leaves it. */
const countersIn = (bundle: string): string[] =>
  [...bundle.matchAll(/\.count\("([A-Z][A-Za-z]+)"/g)].map((match) => match[1] ?? '');

/** An alarm on an expression is billed by the metrics in it. */
function watchedIn(resources: Resources): number {
  return ofType(resources, 'AWS::CloudWatch::Alarm').reduce((sum, [, { Properties }]) => {
    const terms = listOf(Properties.Metrics).filter((term) => at(term, 'MetricStat') !== undefined);
    return sum + Math.max(1, terms.length);
  }, 0);
}
