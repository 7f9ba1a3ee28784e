import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { checkStack, findingsIn } from '../../build/gate/check-stacks.ts';
import { validated } from '../../build/gate/cloudformation.ts';
import { longestPolicy } from '../../build/gate/device-policy.ts';
import { StackTemplate } from '../../build/gate/stack.ts';
import {
  DIRECT_RULES,
  MAY_LOSE_EVENTS,
  NOT_RETAINED,
  ON_ANY_RESOURCE,
  TRACED_WITH_CALLER,
  WITHOUT_BACKUP,
} from '../../build/gate/written-reasons.ts';
import type { PackagedStack } from '../../build/package-stacks.ts';
import { templateIn } from '../../build/packaged-functions.ts';
import type { Template } from '../../build/template.ts';
import { type PlantedFault, planted } from './faults/fault.ts';
import { functionFaults } from './faults/functions-and-rights.ts';
import { storageFaults } from './faults/queues-and-data.ts';
import { triggerFaults } from './faults/triggers.ts';

const REGION = 'eu-central-1';

/** The gate over packaged templates: it finds nothing in them, and each fault that is planted in a copy. */
export function describeGate(stacks: () => readonly PackagedStack[]): void {
  const folderOf = (name: string): string => {
    const found = stacks().find((stack) => stack.name === name);
    if (found === undefined) throw new Error(`${name} was not packaged`);
    return found.folder;
  };
  const templateOf = (name: string): Template => templateIn(folderOf(name));

  describe('the gate', () => {
    test('finds nothing in the packaged templates', () => {
      expect(stacks().flatMap(({ name, folder }) => checkStack(name, folder, REGION))).toEqual([]);
    }, 120_000);

    const faults: readonly PlantedFault[] = [...triggerFaults, ...storageFaults, ...functionFaults];
    test.each(faults)('names $title', (fault) => {
      const { stack, rule, resource } = fault;
      const found = findingsIn(new StackTemplate(stack, planted(templateOf(stack), fault)));
      expect(found).toContainEqual(expect.objectContaining({ stack, rule, resource }));
    });

    const mistakes: readonly [title: string, rule: string, plant: PlantedFault['plant']][] = [
      [
        'a value that AWS would refuse',
        'W3030',
        ({ Resources }) => {
          Resources.FailuresTable.Properties.BillingMode = 'FREE';
        },
      ],
      [
        'a number that is a text',
        'W9003',
        ({ Resources }) => {
          Resources.ReportLogQueue.Properties.VisibilityTimeout = '185';
        },
      ],
      [
        'a property that does not exist',
        'F',
        ({ Resources }) => {
          Resources.ReportLogQueue.Properties.Visibility = 185;
        },
      ],
      [
        'a reference to nothing',
        'F1020',
        ({ Resources }) => {
          Resources.StoreReportsLambdaFunction.Properties.Environment.Variables.REPORTS_BUCKET = {
            Ref: 'Nothing',
          };
        },
      ],
    ];
    test.each(mistakes)('names %s, by AWS’s own validator', (title, rule, plant) => {
      const stack = 'telemetry-ingest';
      const fault = { title, stack, plant, rule, resource: '' };
      const file = path.join(folderOf(stack), 'planted.json');
      writeFileSync(file, JSON.stringify({ ...templateOf(stack), ...planted(templateOf(stack), fault) }));
      expect(validated(stack, file, REGION)).toContainEqual(
        expect.objectContaining({ rule: expect.stringMatching(`^${rule}`) }),
      );
    });

    test('has no exception that no template needs', () => {
      const resources = new Map(stacks().map(({ name }) => [name, templateOf(name).Resources]));
      for (const { stack, resource } of [
        ...DIRECT_RULES,
        ...MAY_LOSE_EVENTS,
        ...NOT_RETAINED,
        ...TRACED_WITH_CALLER,
        ...WITHOUT_BACKUP,
      ])
        expect([stack, Object.keys(resources.get(stack) ?? {})]).toEqual([
          stack,
          expect.arrayContaining([resource]),
        ]);
      for (const { stack, resource, action } of ON_ANY_RESOURCE) {
        const holders = Object.entries(resources.get(stack) ?? {})
          .filter(([id]) => (resource === '' ? id.endsWith('IamRoleLambdaExecution') : id === resource))
          .map(([, holder]) => JSON.stringify(holder));
        expect([stack, resource, holders.length]).not.toEqual([stack, resource, 0]);
        for (const holder of holders) expect(holder).toContain(`"${action}"`);
      }
    });

    test('measures the policy of devices where it is longest', () => {
      const document = templateOf('platform').Resources.DevicePolicy?.Properties.PolicyDocument;
      expect(longestPolicy(document)).toBeGreaterThan(1_000);
      const short = { Resource: { 'Fn::Sub': `arn:\${AWS::Partition}:iot:\${!iot:X}` } };
      expect(longestPolicy(short)).toBe(`{"Resource":"arn:aws-us-gov:iot:\${iot:X}"}`.length);
    });
  });
}
