import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readServices } from '#host/serverless/read-services.ts';
import type { FunctionDefinition, ServiceDefinition } from '#host/serverless/service-definition.ts';
import { clientsIn, weigh } from '../../build/budget.ts';
import { checkedStage } from '../../build/deploy/command-line.ts';
import { StackTemplate } from '../../build/gate/stack.ts';
import { type PackagedStack, packageStacks, ROOT } from '../../build/package-stacks.ts';
import { templateIn, unpackInto } from '../../build/packaged-functions.ts';
import { describeAlarmsPage } from './alarms-page.suite.ts';
import { describeDashboard } from './dashboard.suite.ts';
import { describeDeploying } from './deploy.suite.ts';
import { describeDeployCommand } from './deploy-command.suite.ts';
import { describeGate } from './gate.suite.ts';
import type { BundleCall } from './invoke-bundles.ts';
import { describeKept } from './kept.suite.ts';
import { describeTrigger, PackagedService } from './packaged-service.ts';
import { describeStandingCosts } from './standing-costs.suite.ts';

const STAGE = 'test';
const { platform, services } = readServices({ root: ROOT, stage: STAGE });
const names = services.map(({ name }) => name);
const out = mkdtempSync(path.join(tmpdir(), 'evenkeel-templates-'));
const temporaryFiles = () => readdirSync(tmpdir());
const foundBefore = new Set(temporaryFiles());
let stacks: readonly PackagedStack[] = [];

beforeAll(async () => {
  stacks = await packageStacks({ stage: STAGE, region: 'eu-central-1', out });
}, 600_000);
afterAll(() => rmSync(out, { recursive: true }));

/** A service as the host reads it, and as it was packaged. */
function both(name: string): { readonly read: ServiceDefinition; readonly packaged: PackagedService } {
  const read = services.find((service) => service.name === name);
  const stack = stacks.find((one) => one.name === name);
  if (read === undefined || stack === undefined) throw new Error(`${name} is missing`);
  const { folder } = stack;
  return {
    read,
    packaged: new PackagedService({ service: name, folder, stage: STAGE, imports: platform.exports }),
  };
}

test('every stack is packaged without a warning', () => {
  expect(stacks.map(({ name, complaints }) => [name, complaints])).toEqual(
    [...names, 'platform'].sort().map((name) => [name, []]),
  );
});

test('names of rules have room for the longest stage that may be deployed', () => {
  const longest = 's'.repeat(15);
  expect(checkedStage(longest)).toBe(longest);
  expect(() => checkedStage(`${longest}s`)).toThrow('1 to 15');
  const rules = stacks.flatMap(({ folder }) =>
    new StackTemplate('', templateIn(folder)).ofType('AWS::Events::Rule'),
  );
  const named = rules.flatMap(([, { Properties }]) =>
    Properties.Name === undefined ? [] : [String(Properties.Name)],
  );
  expect(named.length).toBeGreaterThan(3);
  // EventBridge takes 64 characters; a longer name is hashed, and no policy knows it.
  const tooLong = named.filter((name) => name.length - STAGE.length + longest.length > 64);
  expect(tooLong).toEqual([]);
});

test('nothing is left among the temporary files', () => {
  const keys = new Set(services.flatMap(({ functions }) => functions.map(({ key }) => key)));
  const left = temporaryFiles().filter((file) => !foundBefore.has(file) && keys.has(file.replace(/-.*/, '')));
  expect(left).toEqual([]);
});

describeGate(() => stacks);
describeKept(() => stacks, STAGE);
describeDeploying(out);
describeDeployCommand(out, () => stacks);
describeDashboard(() => stacks);
describeAlarmsPage(() => stacks, STAGE);
describeStandingCosts(() => stacks);

describe.each(names)('%s', (name) => {
  test('has the functions that the host reads, with their variables and limits', () => {
    const { read, packaged } = both(name);
    expect(packaged.functions.map(({ key }) => key).sort()).toEqual(
      read.functions.map(({ key }) => key).sort(),
    );
    for (const { key, environment, timeoutSeconds, memoryMegabytes, name: physical } of read.functions) {
      expect(packaged.lambda(key)).toMatchObject({
        FunctionName: physical,
        Handler: `functions/${kebab(key)}/handler.handler`,
        Runtime: 'nodejs24.x',
        Timeout: timeoutSeconds,
        MemorySize: memoryMegabytes,
      });
      expect(packaged.lambda(key).Environment).toEqual({ Variables: environment });
    }
  });

  test('has the triggers that the host runs', () => {
    const { read, packaged } = both(name);
    for (const { key, events } of read.functions)
      expect([key, packaged.triggers(key)]).toEqual([key, events.map(describeTrigger).sort()]);
  });

  test('has the tables, queues, buckets and rules that the host opens', () => {
    const { read, packaged } = both(name);
    const { tables, queues, buckets, topicRules } = packaged.read();
    expect({ tables, queues, buckets, topicRules }).toEqual({
      tables: read.tables,
      queues: read.queues,
      buckets: read.buckets,
      topicRules: read.topicRules,
    });
  });

  test('lets its functions do what the host lets them do', () => {
    const { read, packaged } = both(name);
    for (const { key, statements } of read.functions) {
      const granted = packaged.statements(key).map(({ Action, Resource }) => grant(Action, Resource));
      for (const { actions, resources } of statements)
        expect([key, granted]).toEqual([key, expect.arrayContaining([grant(actions, resources)])]);
    }
  });

  test('tells the keys of every index that a function may query', () => {
    const { read } = both(name);
    for (const { key, statements, environment } of read.functions) {
      for (const arn of statements.flatMap(({ resources }) => resources)) {
        const [, tableArn, index] = /^(.+)\/index\/(.+)$/.exec(arn) ?? [];
        const table = read.tables.find((one) => one.arn === tableArn);
        if (table === undefined || index === undefined) continue;
        const variable = Object.keys(environment).find((one) => environment[one] === table.name) ?? '';
        const keys = table.indexes?.[index];
        const letter = (type: string | undefined) => (type === 'number' ? 'N' : 'S');
        const { partition, sort } = keys ?? {};
        expect([key, environment[`${variable}_INDEXES`]?.split(' ')]).toEqual([
          key,
          expect.arrayContaining([
            `${index}=${partition?.attribute}.${letter(partition?.type)},${sort?.attribute}.${letter(sort?.type)}`,
          ]),
        ]);
      }
    }
  });

  test('has bundles within their budget, with no AWS client that the function does not need', () => {
    const { read, packaged } = both(name);
    for (const { key, bundle } of packaged.functions) {
      const definition = read.functions.find((one) => one.key === key);
      expect([key, [...clientsIn(bundle)].sort()]).toEqual([key, clientsNeededBy(definition)]);
      const { kilobytes, budget } = weigh(name, key, bundle);
      expect([key, kilobytes, kilobytes <= budget ? 'fits' : `has more than ${budget} KB`]).toEqual([
        key,
        kilobytes,
        'fits',
      ]);
    }
  });

  test('has bundles that start with their variables, and name the one that is missing or empty', () => {
    const { read, packaged } = both(name);
    const calls: (BundleCall & { readonly key: string; readonly missing: string })[] = [];
    for (const one of packaged.functions) {
      const { key } = one;
      const file = unpackInto(path.join(out, 'bundles', name), one);
      const variables = read.functions.find((one) => one.key === key)?.environment ?? {};
      for (const missing of Object.keys(variables)) {
        const { [missing]: _without, ...environment } = variables;
        // SERVICE is asked for when all needs are bound: to miss it is to have started with all the others.
        for (const incomplete of [environment, { ...environment, [missing]: '' }])
          calls.push({ key, missing, file, environment: incomplete });
      }
    }
    const callsFile = path.join(out, `${name}-calls.json`);
    writeFileSync(callsFile, JSON.stringify(calls));
    const program = path.join(import.meta.dirname, 'invoke-bundles.ts');
    const thrown: string[] = JSON.parse(
      execFileSync(process.execPath, [program, callsFile], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
      }),
    );
    expect(calls.map(({ key, missing }, at) => `${key} without ${missing}: ${thrown[at]}`)).toEqual(
      calls.map(({ key, missing }) =>
        expect.stringMatching(`^${key} without ${missing}: ConfigurationError: .*\\b${missing}$`),
      ),
    );
  });
});

/** The clients by the rights that a function has: a need without a right could do nothing. */
function clientsNeededBy(definition: FunctionDefinition | undefined): string[] {
  const prefixes = {
    backlog: 'cloudwatch:GetMetricData',
    bucket: 's3:',
    bus: 'events:',
    deviceLink: 'iot:Publish',
    identity: 'iot:CreateThing|iot:UpdateCertificate',
    queue: 'sqs:',
    signer: 'kms:',
    table: 'dynamodb:',
    timer: 'scheduler:',
  };
  const actions = definition?.statements.flatMap((statement) => statement.actions) ?? [];
  const failureOnly = definition?.environment ?? {};
  return Object.entries(prefixes)
    .filter(([client, prefix]) => {
      const has = actions.some((action) => new RegExp(`^(${prefix})`).test(action));
      // The right to tell a dead-letter queue belongs to the trigger.
      return client === 'queue' ? has && Object.keys(failureOnly).some((one) => /_QUEUE$/.test(one)) : has;
    })
    .map(([client]) => client);
}

function grant(actions: unknown, resources: unknown): string {
  return JSON.stringify([[actions].flat().sort(), [resources].flat().sort()]);
}

const kebab = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
