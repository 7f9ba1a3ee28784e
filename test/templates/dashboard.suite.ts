import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { PRICE_BOOK } from '#shared/metering/price-book.ts';
import { type PackagedStack, ROOT } from '../../build/package-stacks.ts';
import { templateIn } from '../../build/packaged-functions.ts';
import { at, listOf, ofType, type Resource } from '../../build/template.ts';

/** A metric that a widget or an alarm shows: namespace, name, and what it is of. */
interface Shown {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: readonly (readonly [name: string, value: string])[];
}

/** The dashboard and the alarms show metrics that exist: counters of the code, functions, queues and tables of the templates. */
export function describeDashboard(stacks: () => readonly PackagedStack[]): void {
  const resources = () =>
    stacks().flatMap(({ name, folder }) =>
      Object.entries(templateIn(folder).Resources).map(([id, resource]) => ({ stack: name, id, resource })),
    );
  const body = () => {
    const found = resources().find(({ resource }) => resource.Type === 'AWS::CloudWatch::Dashboard');
    const text = at(found?.resource.Properties, 'DashboardBody', 'Fn::Sub');
    return JSON.parse(String(text).replaceAll(/\$\{AWS::Region\}/g, 'eu-central-1'));
  };
  const widgets = () => listOf(at(body(), 'widgets')).map((widget) => at(widget, 'properties'));

  describe('the dashboard and the alarms', () => {
    test('show checks, permits, reports, failures, silence, queue age, throttles and cost', () => {
      const titles = widgets().map((widget) => String(at(widget, 'title')).toLowerCase());
      for (const word of [
        'checks',
        'permits',
        'reports',
        'failures',
        'silence',
        'age',
        'throttles',
        'list price',
      ])
        expect([word, titles.filter((title) => title.includes(word)).length]).not.toEqual([word, 0]);
    });

    test('name only counters that the code emits, by the service that emits them', () => {
      const counters = countersByService();
      const shown = [
        ...widgets().flatMap(shownIn),
        ...resources().flatMap(({ resource }) => watchedBy(resource)),
      ];
      const ours = shown.filter(({ namespace }) => namespace === 'Evenkeel');
      expect(ours.length).toBeGreaterThan(10);
      for (const { metric, dimensions } of ours) {
        const [[name, service = ''] = []] = dimensions;
        expect([metric, name, [...(counters.get(service) ?? [])]]).toEqual([
          metric,
          'service',
          expect.arrayContaining([metric]),
        ]);
      }
    });

    test('name only functions, queues and rules that are packaged, and every queue that is read', () => {
      const named = new Set(
        resources().flatMap(({ resource: { Properties } }) =>
          [Properties.FunctionName, Properties.QueueName, Properties.RuleName].filter(
            (name) => typeof name === 'string',
          ),
        ),
      );
      const shown = widgets().flatMap(shownIn);
      const names = shown
        .flatMap(({ dimensions }) => dimensions)
        .filter(([name]) => ['FunctionName', 'QueueName', 'RuleName'].includes(name))
        .map(([, value]) => value);
      expect(names.filter((name) => !named.has(name))).toEqual([]);
      const aged = shown
        .filter(({ metric }) => metric === 'ApproximateAgeOfOldestMessage')
        .map(({ dimensions }) => dimensions[0]?.[1]);
      const queues = resources()
        .filter(({ resource }) => resource.Type === 'AWS::SQS::Queue')
        .map(({ resource }) => String(resource.Properties.QueueName));
      expect(aged.sort()).toEqual(queues.filter((name) => !name.endsWith('-dead')).sort());
    });

    test('price what they count by the price book', () => {
      const priced = widgets()
        .filter((widget) => String(at(widget, 'title')).startsWith('List price'))
        .flatMap((widget) => listOf(at(widget, 'metrics')).map((metric) => at(metric, 0)));
      expect(priced.length).toBeGreaterThan(3);
      for (const term of priced) {
        const [, dollars] = /\* ([0-9.]+) \/ 1000000$/.exec(String(at(term, 'expression'))) ?? [];
        const unit = String(at(term, 'id'));
        expect([unit, Number(dollars)]).toEqual([
          unit,
          new Map(Object.entries(PRICE_BOOK)).get(unit)?.dollarsPerMillion,
        ]);
      }
    });

    test('have alarms whose names differ', () => {
      const names = stacks().flatMap(({ folder }) =>
        ofType(templateIn(folder).Resources, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) =>
          String(Properties.AlarmName),
        ),
      );
      expect(names.length).toBeGreaterThan(80);
      expect(names.filter((name, place) => names.indexOf(name) !== place)).toEqual([]);
    });
  });
}

/** `["AWS/SQS", "Metric", "QueueName", "evenkeel-...", { options }]`; expressions are no metrics. */
function shownIn(widget: unknown): Shown[] {
  return listOf(at(widget, 'metrics')).flatMap((metric) => {
    const words = listOf(metric).filter((word) => typeof word === 'string');
    const [namespace, name, ...dimensions] = words;
    if (namespace === undefined || name === undefined) return [];
    const pairs = dimensions.flatMap((word, place) =>
      place % 2 === 0 ? [[word, dimensions[place + 1] ?? ''] as const] : [],
    );
    return [{ namespace, metric: name, dimensions: pairs }];
  });
}

function watchedBy({ Type, Properties }: Resource): Shown[] {
  if (Type !== 'AWS::CloudWatch::Alarm' || Properties.Namespace === undefined) return [];
  const dimensions = listOf(Properties.Dimensions).map(
    (dimension) => [String(at(dimension, 'Name')), String(at(dimension, 'Value'))] as const,
  );
  return [{ namespace: String(Properties.Namespace), metric: String(Properties.MetricName), dimensions }];
}

/** `count('PermitGranted'` in the code of each service; what `shared/` counts, every service may. */
function countersByService(): ReadonlyMap<string, ReadonlySet<string>> {
  const shared = countersBelow(path.join(ROOT, 'shared'));
  const services = readdirSync(path.join(ROOT, 'services'));
  return new Map(
    services.map((name) => [name, new Set([...shared, ...countersBelow(path.join(ROOT, 'services', name))])]),
  );
}

function countersBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/\.(test|suite)\.ts$/.test(file))
    .map((file) => readFileSync(path.join(folder, file), 'utf8'))
    .flatMap((text) => [...text.matchAll(/\bcall\.count\(\s*'([A-Za-z]+)'/g)].map((match) => match[1] ?? ''));
}
